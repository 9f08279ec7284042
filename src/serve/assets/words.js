// How things are called on the page: roles, kinds, dates, numbers.

// Shape and colour go in pairs: solid is who does it, hollow is whom or what it is done to. The shape alone tells.
const ROLES = {
  broker: ["◆", "peace", "Broker", "brokered or mediated"],
  host: ["◇", "peace", "Host", "hosted talks"],
  party: ["●", "side", "Party", "was a party to the deal or the talks"],
  signatory: ["○", "side", "Signatory", "signed a deal"],
  accuser: ["▲", "blame", "Accuser", "accused or blamed somebody"],
  accused: ["△", "blame", "Accused", "was accused or blamed"],
  attacker: ["▼", "war", "Attacker", "attacked somebody or a place"],
  target: ["▽", "war", "Target", "was attacked"],
  sanctioner: ["■", "law", "Sanctioner", "imposed sanctions"],
  sanctioned: ["□", "law", "Sanctioned", "was put under sanctions"],
  backer: ["★", "voice", "Backer", "backed a side or a plan"],
  speaker: ["☆", "voice", "Speaker", "is quoted"],
};

const NAMES = {
  actor: ["Actor", "persons, organisations, groups, countries that the article names"],
  country: ["Country", "countries that the article is about"],
  person: ["Person", "persons that the article names"],
  organisation: ["Organisation", "organisations and armed groups that the article names"],
  place: ["Place", "cities, regions and disputed territories that the article names"],
  source: ["Source", "publisher"],
  author: ["Author", "byline"],
  lang: ["Language", "language of the text"],
  month: ["Month", "month of publication"],
};

export const NAME_FIELDS = ["actor", "country", "person", "organisation", "place"];
export const ORIGIN_FIELDS = ["source", "author", "lang"];
const ROLE_ORDER = Object.keys(ROLES);

// Roles that somebody's own tables add come behind ours.
export function rolesInOrder(roles) {
  const place = (role) => (ROLE_ORDER.indexOf(role) + 1 || 99);
  return [...roles].sort((a, b) => place(a) - place(b));
}

export const base = (field) => field.split(".")[0];
export const isRole = (field, roles) => roles.includes(base(field));
export const shape = (role) => ROLES[base(role)]?.[0] ?? "◈";
export const family = (role) => "r-" + (ROLES[base(role)]?.[1] ?? "own");
export const help = (field) => ROLES[base(field)]?.[3] ?? NAMES[field]?.[1] ?? "";
export function label(field) {
  const [name, state] = field.split(".");
  const plain = ROLES[name]?.[2] ?? NAMES[name]?.[0] ?? name.charAt(0).toUpperCase() + name.slice(1);
  return state ? `${plain} (${STATES[state] ?? state})` : plain;
}

const STATES = { any: "in any way", background: "as background" };

// What a pair of roles is called as a whole, and between its two names.
export const PAIRS = [
  ["accuser", "accused", "Who accuses whom", "accuses"],
  ["broker", "party", "Who brokers what", "brokers for"],
  ["host", "party", "Who hosts whom", "hosts"],
  ["attacker", "target", "Who attacks whom", "attacks"],
  ["sanctioner", "sanctioned", "Who sanctions whom", "sanctions"],
];
export const pair = (rows, columns) => PAIRS.find((p) => p[0] === rows && p[1] === columns);

export const number = (n) => n.toLocaleString("en");
export const many = (n, one, more = one + "s") => `${number(n)} ${n === 1 ? one : more}`;

const MONTHS = "January February March April May June July August September October November December".split(" ");
const SHORT = MONTHS.map((m) => m.slice(0, 3));
const SEASONS = { 21: "spring", 22: "summer", 23: "autumn", 24: "winter" };

// A date as precise as it was stated: nothing is filled in.
export function date(edtf, short = false) {
  if (!edtf) return "";
  const months = short ? SHORT : MONTHS;
  const week = /^(\d{4})-W(\d\d)$/.exec(edtf);
  if (week) return `week ${+week[2]} of ${week[1]}`;
  const parts = /^(-?[\dX]{4})(?:-(\d\d|XX))?(?:-(\d\d|XX))?$/.exec(edtf);
  if (!parts) return edtf;
  const [, year, month, day] = parts;
  const known = year.includes("X") ? (/^\d{3}X$/.test(year) ? year.replace("X", "0s") : /^\d\dXX$/.test(year) ? year.replace("XX", "00s") : "") : year;
  if (!month) return known || edtf;
  if (SEASONS[+month]) return `${SEASONS[+month]} ${known}`.trim();
  if (+month >= 33 && +month <= 36) return `quarter ${+month - 32} of ${known}`;
  if (+month >= 37) return edtf;
  const name = months[+month - 1] ?? "";
  const front = day && day !== "XX" ? `${+day} ${name}` : name;
  return known ? `${front} ${known}`.trim() : `${front}, year not stated`;
}

const METHODS = {
  record: "from its record", metadata: "from the page’s metadata", header: "from the page’s header", url: "from its address",
  dateline: "from its dateline", text: "by its text", file_time: "by the file’s time",
};
export const method = (published) => METHODS[published.method] ?? published.method;

export const status = (event) => (event.status === "asserted" ? "" : event.status);
