"""What Llama, Gemma 3 and Llama 4 each need to be trained."""
