/**
 * The real parts that tests run against: a registry with base images, a Kubernetes node, helm and kubectl. Tests ask for parts
 * by name; what is not up yet is brought up then and stays up, for later tests and for other processes.
 */
export type { Part, PartName } from "./part.ts";
export { bringUp, requireEnvironment, takeDown, whatIsLacking } from "./environment.ts";
export { startCluster, type TestCluster } from "./test-cluster.ts";
export { startPrivateRegistry as startRegistry } from "./private-registry.ts";
export type { PrivateRegistry, RegistryOptions, RegistryRequest } from "./private-registry.ts";
export { authority, clientCertificate, serverCertificate, type KeyPair } from "./cluster/certificates.ts";
export { mirrorAddress } from "./registry.ts";
export { imageLayout } from "./images.ts";
export { tools } from "./tools.ts";
export { answerOf } from "./answer.ts";
