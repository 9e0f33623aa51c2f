/**
 * The addresses of the test cluster, all below 10.213.0.0/16, to which the machine has one route through one veth pair:
 *
 *     this machine                    network namespace "slipway-test"
 *     10.213.0.254  ──── veth ────    10.213.0.1  the node: API :6443, DNS :53, NodePorts
 *     registry :5000                       └── bridge cni0 ── pods 10.213.16.0/20
 *                                     10.213.32.0/20  Services
 *
 * The namespace has no way out: its only neighbour is this machine.
 */
export const NETWORK = "slipway-test";
export const ALL_ADDRESSES = "10.213.0.0/16";
export const HOST = "10.213.0.254";
export const NODE = "10.213.0.1";
export const PODS = "10.213.16.0/20";
export const SERVICES = "10.213.32.0/20";
export const API_SERVICE = "10.213.32.1";

export const NODE_NAME = "node";
export const API = `https://${NODE}:6443`;
/** Pushed to by this machine and pulled from by the node under the same name. */
export const REGISTRY = `${HOST}:5000`;
