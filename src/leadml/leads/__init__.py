"""What a lead is: its fields, where leads are read from, what is wrong with them, and their labels."""
