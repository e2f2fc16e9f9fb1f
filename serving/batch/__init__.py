"""Files of leads, scored in bounded memory."""
