// A small context and a few shapes, as a Gaia-X registry serves its large ones: our own, for the words that are said of members here.
import { createHash } from 'node:crypto';

const context = {
  '@context': {
    '@version': 1.1,
    '@vocab': 'https://w3id.org/gaia-x/development#',
    gx: 'https://w3id.org/gaia-x/development#',
    schema: 'https://schema.org/',
    vcard: 'http://www.w3.org/2006/vcard/ns#',
    xsd: 'http://www.w3.org/2001/XMLSchema#',
    cred: 'https://www.w3.org/2018/credentials#',
    qudt: 'http://qudt.org/schema/qudt/',
    dcterms: 'http://purl.org/dc/terms/',
  },
};

const shapes = `@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix gx: <https://w3id.org/gaia-x/development#> .

gx:VatID rdfs:subClassOf gx:RegistrationNumber .
gx:LeiCode rdfs:subClassOf gx:RegistrationNumber .

gx:AddressShape a sh:NodeShape ; sh:targetClass gx:Address ;
  sh:property [ sh:path gx:countryCode ; sh:minCount 1 ; sh:maxCount 1 ; sh:pattern "^([A-Z]{2,3}|[0-9]{3})$" ] .

gx:VatIDShape a sh:NodeShape ; sh:targetClass gx:VatID ;
  sh:property [ sh:path gx:vatID ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:string ] .

gx:LegalPersonShape a sh:NodeShape ; sh:targetClass gx:LegalPerson ;
  sh:property [ sh:path gx:registrationNumber ; sh:minCount 1 ; sh:class gx:RegistrationNumber ] ;
  sh:property [ sh:path gx:legalAddress ; sh:minCount 1 ; sh:maxCount 1 ; sh:class gx:Address ] ;
  sh:property [ sh:path gx:headquartersAddress ; sh:minCount 1 ; sh:maxCount 1 ; sh:class gx:Address ] .

gx:AvailabilityZoneShape a sh:NodeShape ; sh:targetClass gx:AvailabilityZone ;
  sh:property [ sh:path gx:address ; sh:maxCount 1 ; sh:class gx:Address ] .

gx:DatacenterShape a sh:NodeShape ; sh:targetClass gx:Datacenter ;
  sh:property [ sh:path gx:location ; sh:minCount 1 ; sh:class gx:Address ] ;
  sh:property [ sh:path gx:maintainedBy ; sh:minCount 1 ; sh:class gx:LegalPerson ] ;
  sh:property [ sh:path gx:aggregationOfResources ; sh:minCount 1 ; sh:class gx:AvailabilityZone ] ;
  sh:property [ sh:path gx:energyMix ; sh:class gx:EnergyMix ] ;
  sh:property [ sh:path gx:energyUsageEfficiency ; sh:class gx:EnergyUsageEfficiency ] .

gx:EnergyMixShape a sh:NodeShape ; sh:targetClass gx:EnergyMix ;
  sh:property [ sh:path gx:renewableEnergy ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:float ; sh:minInclusive 0.0 ; sh:maxInclusive 100.0 ] ;
  sh:property [ sh:path gx:attainmentDate ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:date ] .

gx:EnergyUsageEfficiencyShape a sh:NodeShape ; sh:targetClass gx:EnergyUsageEfficiency ;
  sh:property [ sh:path gx:powerUsageEffectiveness ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:float ; sh:minInclusive 1.0 ] .

gx:LabelCredentialShape a sh:NodeShape ; sh:targetClass gx:LabelCredential ;
  sh:property [ sh:path gx:labelLevel ; sh:minCount 1 ; sh:maxCount 1 ; sh:in ( "SC" "L1" "L2" "L3" ) ] ;
  sh:property [ sh:path gx:validatedCriteria ; sh:minCount 1 ] ;
  sh:property [ sh:path gx:compliantCredentials ; sh:minCount 1 ] .
`;

type Served = { readonly type: string; readonly text: string };

const served: Readonly<Record<string, Served>> = {
  '/vocabulary/context.jsonld': { type: 'application/ld+json', text: JSON.stringify(context) },
  '/vocabulary/shapes.ttl': { type: 'text/turtle', text: shapes },
};

export const vocabularyAt = (path: string): Served | null => (Object.hasOwn(served, path) ? (served[path] ?? null) : null);

type Pinned = { readonly from: string; readonly sha256: string };

/** What is put into the configuration of a broker. `url`: of the server. */
export function pinnedVocabulary(url: string): { readonly contexts: readonly (Pinned & { readonly url: string })[]; readonly shapes: readonly Pinned[] } {
  const pinned = (path: string): Pinned => ({
    from: url + path,
    sha256: createHash('sha256')
      .update(served[path]?.text ?? '')
      .digest('hex'),
  });
  return {
    contexts: [{ url: 'https://w3id.org/gaia-x/development#', ...pinned('/vocabulary/context.jsonld') }],
    shapes: [pinned('/vocabulary/shapes.ttl')],
  };
}
