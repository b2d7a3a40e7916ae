"""What readers give back: that a write-up helped, where it was used, questions and answers, how far it travelled."""
