/** The parameters of `fdb`, in the words of `bridge fdb`. */
import type { JsonSchema } from '../resource.js';

export const fdbSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['lladdr', 'dev'],
  properties: {
    lladdr: {
      type: 'string',
      format: 'mac',
      description: 'The address. With VXLAN, 00:00:00:00:00:00 stands for all that is not known.',
      examples: ['52:54:00:12:34:56'],
    },
    dev: {
      type: 'string',
      format: 'interface',
      description: 'The port, the bridge itself, or the VXLAN device.',
      examples: ['eth1'],
    },
    self: {
      type: 'boolean',
      description:
        "The device's own table, not that of its bridge. Left out: the bridge's, where the device is one or a port of one, unless dst is given.",
    },
    vlan: {
      type: 'integer',
      minimum: 1,
      maximum: 4094,
      description:
        'The VLAN. Without it, of a port: of frames without a VLAN, and of each VLAN that the port has.',
    },
    nud: {
      enum: ['permanent', 'static'],
      description:
        "static: the address is behind the port, for good. permanent: it is the host's own, so frames for it go to the host. By default static in a bridge's table, permanent in a device's own.",
    },
    sticky: {
      type: 'boolean',
      description: 'Whether the address may never move to another port. With static alone.',
    },
    extern_learn: {
      type: 'boolean',
      description: 'Whether it counts as learned by a daemon, which keeps it up to date.',
    },
    dst: {
      type: 'string',
      format: 'ip-address',
      description: 'VXLAN: the other end.',
      examples: ['192.0.2.9'],
    },
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'VXLAN: its UDP port.' },
    vni: { type: 'integer', minimum: 0, maximum: 16_777_215, description: 'VXLAN: the network there.' },
    src_vni: { type: 'integer', minimum: 0, maximum: 16_777_215, description: 'VXLAN: the network here.' },
    via: { type: 'string', format: 'interface', description: 'VXLAN: the device that packets leave by.' },
    state: { enum: ['present', 'absent'], default: 'present', description: 'absent removes the entry.' },
  },
};
