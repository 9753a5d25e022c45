/** JSON Schema of a lab file. Descriptions read as "is not …" in messages, so they name the thing itself. */

const words = { type: ['string', 'number'], description: 'a word or a number' } as const;
const text = { type: 'string', description: 'a text' } as const;

const routes = {
  type: 'array',
  description: 'a list of routes',
  items: {
    type: ['object', 'string'],
    description: 'a route: a map, or the words of `ip route add` in one line',
    required: ['dst'],
    additionalProperties: false,
    properties: {
      dst: text,
      type: text,
      via: text,
      dev: text,
      src: text,
      table: words,
      metric: { type: 'integer', minimum: 0, description: 'a whole number' },
      scope: words,
      proto: words,
      tos: words,
      mtu: {
        type: 'integer',
        minimum: 68,
        maximum: 65535,
        description: 'a number of bytes from 68 to 65535',
      },
      onlink: { type: 'boolean', description: 'true or false' },
    },
  },
} as const;

const nic = {
  type: 'object',
  description: 'a map of a NIC',
  required: ['switch'],
  additionalProperties: false,
  properties: {
    switch: text,
    mac: { type: 'string', description: 'a MAC address such as 52:54:00:12:34:56, in quotes' },
    addresses: { type: 'array', items: text, description: 'a list of addresses such as 192.168.1.1/24' },
    mtu: { type: 'integer', minimum: 68, maximum: 65535, description: 'a number of bytes from 68 to 65535' },
    up: { type: 'boolean', description: 'true or false' },
  },
} as const;

const file = {
  type: ['object', 'string'],
  description: 'a text, or a map with `content` or `source`, and `mode`',
  additionalProperties: false,
  properties: {
    content: text,
    source: text,
    mode: { type: 'string', pattern: '^[0-7]{3,4}$', description: 'an octal mode in quotes such as "755"' },
  },
} as const;

const host = {
  type: ['object', 'null'],
  description: 'a map of a host',
  additionalProperties: false,
  properties: {
    groups: { type: 'array', items: text, description: 'a list of groups' },
    vars: { type: 'object', description: 'a map of variables' },
    nics: { type: 'object', additionalProperties: nic, description: 'a map from names to NICs' },
    routes,
    sysctls: { type: 'object', additionalProperties: words, description: 'a map from names to values' },
    files: { type: 'object', additionalProperties: file, description: 'a map from paths to files' },
    run: { type: 'array', items: text, description: 'a list of shell lines' },
    ssh: { type: ['boolean', 'string'], description: 'true, false, or the address to connect to' },
  },
} as const;

export const LAB_SCHEMA = {
  type: 'object',
  description: 'a map with `hosts` or `include`',
  anyOf: [{ required: ['hosts'] }, { required: ['include'] }],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$',
      description: 'a name of letters, digits, dots, dashes and underscores',
    },
    switches: { type: 'array', items: text, description: 'a list of switches' },
    hosts: { type: 'object', additionalProperties: host, minProperties: 1, description: 'a map of hosts' },
    include: { type: 'array', items: text, minItems: 1, description: 'a list of lab files' },
    management: {
      anyOf: [{ type: 'string' }, { const: false }],
      description: 'an IPv4 network such as 10.213.0.0/16, or false',
    },
    controller: {
      type: 'object',
      description: 'a map with `switch` and `address`',
      required: ['switch', 'address'],
      additionalProperties: false,
      properties: { switch: text, address: text, routes },
    },
  },
} as const;
