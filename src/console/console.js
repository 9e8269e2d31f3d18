// Makes the pages of the console live. Every page works without it.
"use strict";
