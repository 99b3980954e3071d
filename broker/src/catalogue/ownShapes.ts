// Shapes of our own vocabulary (docs/vocabulary.md): always there, and published with it.
export const ownShapes = `@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix schema: <https://schema.org/> .
@prefix hanse: <https://hanse.dev/ns#> .

hanse:AmountShape a sh:NodeShape ;
  sh:or ( [ sh:datatype xsd:integer ] [ sh:datatype xsd:decimal ] [ sh:datatype xsd:double ] ) ;
  sh:minInclusive 0 .

hanse:FederableClusterShape a sh:NodeShape ;
  sh:targetClass hanse:FederableCluster ;
  sh:property [ sh:path hanse:liqoClusterId ; sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" ] ;
  sh:property [ sh:path hanse:providedBy ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path hanse:forOffering ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path hanse:hostedOn ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path schema:name ; sh:nodeKind sh:Literal ] ;
  sh:property [ sh:path hanse:cpuCores ; sh:maxCount 1 ; sh:node hanse:AmountShape ] ;
  sh:property [ sh:path hanse:memoryGiB ; sh:maxCount 1 ; sh:node hanse:AmountShape ] ;
  sh:property [ sh:path hanse:pods ; sh:maxCount 1 ; sh:node hanse:AmountShape ] ;
  sh:property [ sh:path hanse:gpuCount ; sh:maxCount 1 ; sh:node hanse:AmountShape ] ;
  sh:property [ sh:path hanse:eurPerVcpuHour ; sh:maxCount 1 ; sh:node hanse:AmountShape ] ;
  sh:property [ sh:path hanse:gpuModel ; sh:datatype xsd:string ; sh:maxLength 200 ] ;
  sh:property [ sh:path hanse:architecture ; sh:datatype xsd:string ; sh:maxLength 40 ] ;
  sh:property [ sh:path hanse:kubernetesVersion ; sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^v?[0-9]+[.][0-9]+" ] ;
  sh:property [ sh:path hanse:liqoVersion ; sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^v?[0-9]+[.][0-9]+" ] .

hanse:CertificationShape a sh:NodeShape ;
  sh:targetClass hanse:Certification ;
  sh:property [ sh:path hanse:scheme ; sh:minCount 1 ; sh:datatype xsd:string ; sh:maxLength 200 ] ;
  sh:property [ sh:path hanse:certifies ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
`;
