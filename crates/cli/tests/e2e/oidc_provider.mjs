// An OpenID Connect provider on this machine: npm's oidc-provider, with a user who signs in by herself.
//
// Prints its address when it answers, and answers until it is stopped.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = process.env.BAILIWICK_OIDC_PROVIDER;
const { Provider } = await import(pathToFileURL(join(folder, 'node_modules/oidc-provider/lib/index.js')));

const jwk = (type, options, alg, kid) => {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid };
};

const RESOURCE = 'urn:bailiwick:sts';

const client = (id, alg) => ({
  client_id: id,
  client_secret: `secret of ${id}`,
  redirect_uris: ['http://127.0.0.1:1/back'],
  grant_types: ['authorization_code', 'client_credentials'],
  response_types: ['code'],
  id_token_signed_response_alg: alg,
  token_endpoint_auth_method: 'client_secret_post',
});

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client('pipeline', 'RS256'), client('mobile', 'ES256'), client('strong', 'PS256'), client('edwards', 'EdDSA')],
    jwks: {
      keys: [
        jwk('rsa', { modulusLength: 2048 }, 'RS256', 'rsa'),
        jwk('rsa', { modulusLength: 2048 }, 'PS256', 'pss'),
        jwk('ec', { namedCurve: 'P-256' }, 'ES256', 'ec'),
        jwk('ed25519', {}, 'EdDSA', 'ed'),
      ],
    },
    cookies: { keys: ['a key of a test'] },
    conformIdTokenClaims: false,
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    claims: { openid: ['sub', 'https://aws.amazon.com/tags', 'https://aws.amazon.com/source_identity'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        'https://aws.amazon.com/tags': {
          principal_tags: { Team: ['lights'] },
          transitive_tag_keys: ['Team'],
        },
        'https://aws.amazon.com/source_identity': `${id}@example.com`,
      }),
    }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, client) => (client ? RESOURCE : undefined),
        getResourceServerInfo: () => ({
          scope: 'assume',
          audience: RESOURCE,
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
        useGrantedResource: () => true,
      },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      grant.addOIDCClaims(['https://aws.amazon.com/tags', 'https://aws.amazon.com/source_identity']);
      grant.addResourceScope(RESOURCE, 'assume');
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response);
    // She signs in by herself.
    await provider.interactionFinished(request, response, { login: { accountId: 'ann.smith' } });
  });
  provider.on('server_error', (_, error) => console.error(error));
  console.log(JSON.stringify({ issuer }));
});
