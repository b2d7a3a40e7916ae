// Every page works without this file; it only makes some things quicker.
import { guardForms } from "./modules/guard.js";
import { focusProblems } from "./modules/focus.js";
import { addNowButtons } from "./modules/moments.js";
import { addPickFilters } from "./modules/picks.js";
import { addPreviews } from "./modules/preview.js";
import { addRowButtons } from "./modules/rows.js";
import { smoothLists } from "./modules/lists.js";
import { closeMenus } from "./modules/menus.js";

guardForms(document);
focusProblems(document);
addNowButtons(document);
addPickFilters(document);
addPreviews(document);
addRowButtons(document);
smoothLists(document);
closeMenus(document);
