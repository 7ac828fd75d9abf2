print("modelshelf")
