"""The functions that an object of the API has by itself: those that are about it, without the arguments that name it."""
