// Where cities and countries are, for members whose offers name them: degrees north, degrees east. Rounded to what a map of a continent shows.
export type Point = readonly [north: number, east: number];

const cities: Readonly<Record<string, Point>> = {
  amsterdam: [52.37, 4.9],
  rotterdam: [51.92, 4.48],
  groningen: [53.22, 6.57],
  eindhoven: [51.44, 5.48],
  brussels: [50.85, 4.35],
  antwerp: [51.22, 4.4],
  luxembourg: [49.61, 6.13],
  paris: [48.86, 2.35],
  lyon: [45.76, 4.84],
  marseille: [43.3, 5.37],
  strasbourg: [48.57, 7.75],
  lille: [50.63, 3.06],
  roubaix: [50.69, 3.17],
  bordeaux: [44.84, -0.58],
  toulouse: [43.6, 1.44],
  nantes: [47.22, -1.55],
  rennes: [48.11, -1.68],
  grenoble: [45.19, 5.72],
  frankfurt: [50.11, 8.68],
  berlin: [52.52, 13.4],
  munich: [48.14, 11.58],
  hamburg: [53.55, 9.99],
  düsseldorf: [51.23, 6.78],
  dusseldorf: [51.23, 6.78],
  cologne: [50.94, 6.96],
  stuttgart: [48.78, 9.18],
  leipzig: [51.34, 12.37],
  nuremberg: [49.45, 11.08],
  falkenstein: [50.48, 12.37],
  karlsruhe: [49.01, 8.4],
  dresden: [51.05, 13.74],
  hanover: [52.37, 9.73],
  bremen: [53.08, 8.8],
  zurich: [47.38, 8.54],
  geneva: [46.2, 6.14],
  basel: [47.56, 7.59],
  bern: [46.95, 7.45],
  vienna: [48.21, 16.37],
  graz: [47.07, 15.44],
  linz: [48.31, 14.29],
  turin: [45.07, 7.69],
  milan: [45.46, 9.19],
  rome: [41.9, 12.5],
  bologna: [44.49, 11.34],
  naples: [40.85, 14.27],
  palermo: [38.12, 13.36],
  arezzo: [43.46, 11.88],
  venice: [45.44, 12.32],
  genoa: [44.41, 8.93],
  madrid: [40.42, -3.7],
  barcelona: [41.39, 2.17],
  valencia: [39.47, -0.38],
  zaragoza: [41.65, -0.89],
  seville: [37.39, -5.98],
  bilbao: [43.26, -2.93],
  lisbon: [38.72, -9.14],
  porto: [41.15, -8.61],
  london: [51.51, -0.13],
  manchester: [53.48, -2.24],
  edinburgh: [55.95, -3.19],
  dublin: [53.35, -6.26],
  cork: [51.9, -8.47],
  copenhagen: [55.68, 12.57],
  aarhus: [56.16, 10.2],
  stockholm: [59.33, 18.07],
  gothenburg: [57.71, 11.97],
  luleå: [65.58, 22.15],
  oslo: [59.91, 10.75],
  bergen: [60.39, 5.32],
  helsinki: [60.17, 24.94],
  hamina: [60.57, 27.2],
  reykjavik: [64.15, -21.94],
  tallinn: [59.44, 24.75],
  riga: [56.95, 24.11],
  vilnius: [54.69, 25.28],
  warsaw: [52.23, 21.01],
  krakow: [50.06, 19.94],
  gdansk: [54.35, 18.65],
  poznan: [52.41, 16.93],
  prague: [50.08, 14.44],
  brno: [49.2, 16.61],
  bratislava: [48.15, 17.11],
  budapest: [47.5, 19.04],
  ljubljana: [46.06, 14.51],
  zagreb: [45.81, 15.98],
  belgrade: [44.79, 20.45],
  bucharest: [44.43, 26.1],
  cluj: [46.77, 23.6],
  sofia: [42.7, 23.32],
  athens: [37.98, 23.73],
  thessaloniki: [40.64, 22.94],
  nicosia: [35.19, 33.38],
  valletta: [35.9, 14.51],
  kyiv: [50.45, 30.52],
  istanbul: [41.01, 28.98],
  'new york': [40.71, -74.01],
  ashburn: [39.04, -77.49],
  chicago: [41.88, -87.63],
  dallas: [32.78, -96.8],
  'san francisco': [37.77, -122.42],
  seattle: [47.61, -122.33],
  'los angeles': [34.05, -118.24],
  toronto: [43.65, -79.38],
  montreal: [45.5, -73.57],
  'são paulo': [-23.55, -46.63],
  tokyo: [35.68, 139.69],
  singapore: [1.35, 103.82],
  sydney: [-33.87, 151.21],
  mumbai: [19.08, 72.88],
  johannesburg: [-26.2, 28.05],
  dubai: [25.2, 55.27],
  'tel aviv': [32.07, 34.78],
  'hong kong': [22.32, 114.17],
  seoul: [37.57, 126.98],
};

/** Near the middle of each country; what is known of a member that names no city. */
const countries: Readonly<Record<string, Point>> = {
  AT: [47.6, 14.1],
  BE: [50.6, 4.7],
  BG: [42.7, 25.5],
  CH: [46.8, 8.2],
  CY: [35.1, 33.2],
  CZ: [49.8, 15.5],
  DE: [51.1, 10.4],
  DK: [56, 9.5],
  EE: [58.7, 25.5],
  ES: [40.2, -3.6],
  FI: [63, 26],
  FR: [46.6, 2.5],
  GB: [53, -1.5],
  GR: [39.5, 22],
  HR: [45.4, 16.2],
  HU: [47.2, 19.4],
  IE: [53.2, -8],
  IS: [64.9, -18.6],
  IT: [43, 12.3],
  LI: [47.16, 9.55],
  LT: [55.3, 23.9],
  LU: [49.8, 6.1],
  LV: [56.9, 25],
  MT: [35.9, 14.4],
  NL: [52.2, 5.5],
  NO: [61.5, 9],
  PL: [52.1, 19.4],
  PT: [39.6, -8],
  RO: [45.9, 25],
  RS: [44.2, 20.8],
  SE: [60.5, 15],
  SI: [46.1, 14.8],
  SK: [48.7, 19.6],
  TR: [39, 35],
  UA: [49, 31.4],
  US: [39.8, -98.6],
  CA: [56, -106],
  BR: [-10, -52],
  JP: [36.5, 138],
  SG: [1.35, 103.8],
  AU: [-25, 134],
  IN: [22, 79],
  ZA: [-29, 25],
  IL: [31.4, 35],
  AE: [24, 54],
  KR: [36.4, 128],
  HK: [22.3, 114.2],
};

/** NUTS-2 regions that are cities in all but name, as node labels have them. */
const regions: Readonly<Record<string, Point>> = {
  NL32: [52.37, 4.9],
  DE71: [50.11, 8.68],
  DE30: [52.52, 13.4],
  ITC1: [45.07, 7.69],
  ITC4: [45.46, 9.19],
  ES30: [40.42, -3.7],
  FR10: [48.86, 2.35],
  'US-NY': [40.71, -74.01],
};

export const placeOf = (told: {
  readonly city?: string | undefined;
  readonly region?: string | undefined;
  readonly country?: string | undefined;
}): Point | null => {
  const region = told.region ?? '';
  const words = region.toLowerCase().split(/[^\p{L}]+/u);
  const byWord = words.map((word) => cities[word]).find(Boolean);
  return (
    cities[(told.city ?? '').toLowerCase()] ??
    regions[region.toUpperCase()] ??
    byWord ??
    countries[(told.country ?? '').toUpperCase()] ??
    countries[region.slice(0, 2).toUpperCase()] ??
    null
  );
};

/** Exchanges whose names do not say their city. */
const exchangeCities: Readonly<Record<string, string>> = {
  ams: 'amsterdam',
  top: 'turin',
  linx: 'london',
  nl: 'amsterdam',
  mix: 'milan',
  vix: 'vienna',
  swissix: 'zurich',
  bcix: 'berlin',
  ecix: 'düsseldorf',
  namex: 'rome',
  netnod: 'stockholm',
  bnix: 'brussels',
  espanix: 'madrid',
  catnix: 'barcelona',
  nix: 'prague',
  plix: 'warsaw',
  bix: 'budapest',
  inex: 'dublin',
};

export const exchangePlace = (title: string): Point | null => {
  const first = title.toLowerCase().split(/[^\p{L}]+/u)[0] ?? '';
  return (
    placeOf({ region: title.toLowerCase().replace(/new[ -]york/, 'york') }) ??
    (/new[ -]york/i.test(title) ? placeOf({ city: 'new york' }) : placeOf({ city: exchangeCities[first] }))
  );
};

/** Kilometres over the globe. */
export const distanceKm = ([aNorth, aEast]: Point, [bNorth, bEast]: Point): number => {
  const rad = Math.PI / 180;
  const half = Math.sin(((bNorth - aNorth) * rad) / 2) ** 2 + Math.cos(aNorth * rad) * Math.cos(bNorth * rad) * Math.sin(((bEast - aEast) * rad) / 2) ** 2;
  return 12_742 * Math.asin(Math.sqrt(half));
};
