"""How news reads in a call: one module for each kind of receiver. Pure; a text of somebody's never becomes markup."""
