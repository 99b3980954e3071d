// What makes a public RSA key worthless, apart from any signature: RFC 7518 §3.3 and §3.5 for its size, CA/Browser Forum's Baseline Requirements §6.1.1.3 and
// §6.1.6 for the rest.

const bitsMin = 2048;

export type RsaKey = { readonly bits: number; readonly exponent: bigint; readonly modulus: bigint };

/** In words, to be read after "the key …"; null: nothing is known against it. */
export function rsaFlaw({ bits, exponent, modulus }: RsaKey): string | null {
  if (bits < bitsMin) return `is too short (${bits} bits)`;
  // with an exponent of 1 a signature is what it signs: anybody can write one
  if (exponent < 3n || exponent % 2n === 0n) return `has the exponent ${exponent}`;
  return isOfRoca(modulus) ? 'was made by a chip whose keys can be broken (ROCA, CVE-2017-15361)' : null;
}

const primes = Array.from({ length: 165 }, (_, at) => at + 3).filter((number) =>
  Array.from({ length: 11 }, (_, at) => at + 2).every((divisor) => divisor >= number || number % divisor !== 0),
);

/** The powers of 65537 modulo a prime: what the chip's primes, and so its moduli, always are. */
const powersOf = (prime: number): ReadonlySet<number> => {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power);
  return powers;
};
const traces = primes.map((prime) => ({ prime: BigInt(prime), powers: powersOf(prime) }));

/** Nemec et al., The Return of Coppersmith's Attack (2017), §2.3: smart cards for qualified signatures had such keys. One other key in some 100 million looks the same. */
const isOfRoca = (modulus: bigint): boolean => traces.every(({ prime, powers }) => powers.has(Number(modulus % prime)));
