// Answers questions of `bailiwick decide`, a JSON object a line, with the engine of @cloud-copilot/iam-simulate.
//
// The first argument is the folder that npm installed it in. That engine leaves to its caller what concerns whom;
// this is done here, as its own documentation asks. Validation is passed over, so that odd policies can be asked, too.

import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = join(process.argv[2], 'node_modules', '@cloud-copilot')
const part = (name, file) => import(pathToFileURL(join(folder, name, 'dist', 'esm', file)))
const { authorize } = await part('iam-simulate', 'core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await part('iam-simulate', 'request/request.js')
const { RequestContextImpl } = await part('iam-simulate', 'requestContext.js')
const { DiscoveryContextKeyConstraints } = await part('iam-simulate', 'context_keys/discoveryContextKeyConstraints.js')
const { loadPolicy } = await part('iam-policy', 'index.js')

const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const toEverybody = { ...everything, Statement: [{ ...everything.Statement[0], Principal: '*' }] }
const load = (policies, name) => (policies ?? []).map((policy, place) => loadPolicy(policy, { name: `${name}[${place}]` }))
const levels = (list, name, more) =>
  (list ?? []).map((level, place) => ({
    orgIdentifier: `${name}[${place}]`,
    policies: load([...more, ...level], `${name}[${place}]`)
  }))

/** One policy with the statements of all: that engine takes one session policy. */
function merged(policies) {
  const [first] = policies ?? []
  if (!first) return undefined
  const statements = policies.flatMap((policy) => policy.Statement)
  return loadPolicy({ ...first, Statement: statements }, { name: 'session' })
}

function answer(question) {
  const { principal, principal_type, management_account, action, resource, context } = question.request
  const anonymous = principal === 'anonymous'
  const root = principal.endsWith(':root')
  const linked = principal_type === 'ServiceLinkedRole' || principal.includes(':role/aws-service-role/')
  const account = principal.startsWith('arn:') ? principal.split(':')[4] : undefined
  const hasPolicies = account !== undefined && !root && !principal.includes('-provider/')
  const leftAlone = management_account || linked || account === undefined || principal.includes('-provider/')
  const wildcardOnly = question.options?.wildcard_only_action === true
  const arn = wildcardOnly ? '*' : resource.arn
  const values = Object.entries(context ?? {}).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
  const inArn = arn.split(':')[4]
  const owner = resource.account_id ?? (/^\d{12}$/.test(inArn ?? '') ? inArn : account)
  return authorize({
    request: new AwsRequestImpl(
      anonymous ? { type: 'Anonymous' } : principal,
      { resource: arn, accountId: owner },
      action,
      new RequestContextImpl(Object.fromEntries(values)),
      wildcardOnly
    ),
    sessionPolicy: hasPolicies ? merged(question.session_policies) : undefined,
    identityPolicies: hasPolicies ? load(question.identity_policies, 'identity') : load(root ? [everything] : []),
    serviceControlPolicies: leftAlone ? [] : levels(question.scps, 'scps', []),
    resourceControlPolicies: linked ? [] : levels(question.rcps, 'rcps', [toEverybody]),
    resourcePolicy: question.resource_policy ? loadPolicy(question.resource_policy, { name: 'resource' }) : undefined,
    permissionBoundaries: hasPolicies && question.boundaries?.length ? load(question.boundaries, 'boundary') : undefined,
    vpcEndpointPolicies: question.endpoint_policies?.length ? load(question.endpoint_policies, 'endpoint') : undefined,
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    },
    serviceSettings: { s3: {} }
  }).result
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line)
  let decision
  try {
    decision = answer(question)
  } catch (error) {
    decision = `error: ${error.message}`
  }
  process.stdout.write(JSON.stringify({ id: question.id, decision }) + '\n')
}
