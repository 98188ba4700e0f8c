"""The spoken words on the screen: cues, looks, places, and the files of them."""
