// Everything here is a comfort: each page works without it.
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";
import { startLight } from "./light.js";
import { startList } from "./list.js";
import { startNews } from "./news.js";
import { startPlain } from "./plain.js";

startForms();
startKeys();
startLight();
startList();
startNews();
startPlain();
