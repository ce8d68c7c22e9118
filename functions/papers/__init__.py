"""The papers of agreements: made, checked, sealed and kept, and handed to who may have them."""
