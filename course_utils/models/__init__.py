"""What a learner fits on their own data, saves and loads: tables, pictures, clips, translation, captions, speech."""
