"""What people name when they speak to an assistant: rooms, devices, timers, things to buy; written for this course."""

from __future__ import annotations

AREAS = (
    *("kitchen", "living room", "bedroom", "bathroom", "office", "hallway", "garage", "dining room", "nursery"),
    *("attic", "cellar", "study", "guest room", "laundry room", "pantry", "workshop", "balcony", "terrace"),
    *("garden", "conservatory", "playroom", "library", "front porch", "utility room"),
)
FLOORS = ("first floor", "ground floor", "upstairs", "downstairs", "top floor", "basement", "second floor", "loft")
DEVICES = (
    *("ceiling lamp", "kitchen lamp", "reading light", "heater", "coffee machine", "desk fan", "bedroom fan"),
    *("front door", "garden gate", "garage opener", "tv", "radio", "bathroom mirror", "fish tank pump", "night light"),
    *("air purifier", "humidifier", "office blinds", "skylight", "christmas tree", "aquarium light", "hall lamp"),
    *("dishwasher", "kettle", "toaster oven", "washing machine", "dryer", "robot", "sprinkler", "pool pump"),
    *("study lamp", "floor lamp", "bedside light", "porch light", "stereo", "projector", "soundbar", "doorbell"),
    *("back door", "side window", "roller shutter", "awning", "thermostat", "boiler", "ceiling fan", "attic window"),
)
TIMERS = (
    *("pizza", "tea", "laundry", "egg", "pasta", "bread", "workout", "nap", "rice", "cake", "meeting", "break"),
    *("chicken", "homework", "potato", "soup", "cookie", "parking", "medicine", "sauna"),
)
COMMANDS = (
    *("turn off the lights", "open the blinds", "lock the front door", "stop the music", "close the garage door"),
    *("turn on the heater", "switch off the tv", "start the dishwasher", "dim the lamp", "pause the radio"),
    *("play the news", "turn the fan off", "open the skylight", "shut the gate", "vacuum the hall", "mute the stereo"),
)
QUERIES = (
    *("the beatles", "abbey road", "jazz for dinner", "nina simone", "moonlight sonata", "the daily news"),
    *("kind of blue", "bach cello suites", "rumours", "songs for the road", "sound of rain", "miles davis"),
    *("fleetwood mac", "the four seasons", "blue in green", "café del mar", "swan lake", "history of rome"),
    *("strange fruit", "paranoid android", "folk in the park", "björk", "water music", "on the nature of daylight"),
)
ITEMS = (
    *("milk", "eggs", "bread", "olive oil", "apples", "oat milk", "toilet paper", "tomatoes", "dog food", "rice"),
    *("batteries", "light bulbs", "cheddar", "sour cream", "call the dentist", "water the plants", "dish soap"),
    *("pay the rent", "coffee beans", "green tea", "salt", "baking powder", "cat litter", "clean the oven"),
    *(
        "book a table",
        "feed the cat",
        "brown sugar",
        "oranges",
        "return the books",
        "bin bags",
        "honey",
        "renew passport",
    ),
)
MESSAGES = (
    *("dinner is ready", "we are leaving in five minutes", "the bath is free", "come downstairs please"),
    *(
        "who has my keys",
        "it is time for bed",
        "the guests are here",
        "please be quiet",
        "school starts in ten minutes",
    ),
    *("the pizza is in the kitchen", "wake up everybody", "the film begins now"),
)
PLACES = ("work", "home", "school", "the gym", "the office", "the park", "town", "the airport")

# what may stand for a name in braces that the package leaves open
FILLINGS: dict[str, tuple[str, ...]] = {
    "area": AREAS,
    "floor": FLOORS,
    "name": DEVICES,
    "timer_name": TIMERS,
    "timer_command": COMMANDS,
    "search_query": QUERIES,
    "todo_list_item": ITEMS,
    "shopping_list_item": ITEMS,
    "message": MESSAGES,
    "zone": PLACES,
}
