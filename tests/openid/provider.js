// An OpenID provider for the tests: `node provider.js REDIRECT_URI`. It prints its address once it listens.
//
// Who may sign in, and how it misbehaves, is told by POST /control with JSON:
//   accounts  {id: claims}; the page of signing in has one button for each
//   ahead     seconds that its clock is ahead of ours
//   forge     what of an ID token is false: "aud", "iss", "nonce", "alg" (not signed at all); or "sub" of userinfo
//   quiet     whether ID tokens say nothing but `sub`, and userinfo the rest, as a signed token
//   down      whether it answers at all
import { SignJWT, UnsecuredJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose"
import Provider from "oidc-provider"

const [redirectUri] = process.argv.slice(2)
const CLIENT = "sunes"

const initial = { accounts: {}, ahead: 0, forge: null, quiet: false, down: false }
let told = { ...initial }
const now = Date.now
Date.now = () => now() + told.ahead * 1000

const { privateKey } = await generateKeyPair("RS256", { extractable: true })
const jwk = { ...(await exportJWK(privateKey)), kid: "tests", alg: "RS256", use: "sig" }
const key = await importJWK(jwk, "RS256")

const names = () => [...new Set(Object.values(told.accounts).flatMap(Object.keys))]

const body = async (ctx) => {
  let text = ""
  for await (const part of ctx.req) text += part
  return text
}

const forged = (token) => {
  const claims = decodeJwt(token)
  if (told.forge === "alg") return new UnsecuredJWT(claims).encode()
  const false_ = { aud: "somebody-else", iss: "http://127.0.0.1:1", nonce: "another" }[told.forge]
  // The party that asked stays: the audience alone is false.
  const payload = { ...claims, azp: CLIENT, [told.forge]: false_ }
  return new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: "tests" }).sign(key)
}

let provider

const misbehave = async (ctx, next) => {
  if (ctx.path === "/control") {
    told = { ...initial, ...JSON.parse(await body(ctx)) }
    ctx.body = "told"
    return
  }
  if (ctx.path === "/favicon.ico") {
    ctx.status = 204
    return
  }
  if (told.down) {
    ctx.respond = false
    ctx.req.socket.destroy()
    return
  }
  if (ctx.path.startsWith("/interaction/")) return interact(ctx)
  await next()
  if (ctx.path === "/token" && told.forge && told.forge !== "sub" && ctx.body?.id_token) {
    ctx.body = { ...ctx.body, id_token: await forged(ctx.body.id_token) }
  }
  if (ctx.path === "/me" && told.quiet) {
    const claims = { ...ctx.body, ...(told.forge === "sub" ? { sub: "somebody-else" } : {}) }
    const token = new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "tests" })
    ctx.body = await token.setIssuer(issuer).setAudience(CLIENT).sign(key)
    ctx.type = "application/jwt"
  }
  if (told.forge === "alg" && ctx.path === "/.well-known/openid-configuration") {
    ctx.body = { ...ctx.body, id_token_signing_alg_values_supported: ["RS256", "none"] }
  }
}

// The page of signing in: a button for each account, and one that gives up. Consent is given.
const interact = async (ctx) => {
  if (ctx.method === "GET") {
    const buttons = Object.keys(told.accounts).map((id) => `<button name="id" value="${id}">${id}</button>`)
    ctx.type = "html"
    ctx.body = `<title>Provider</title><form method="post">${buttons.join("")}<button name="id" value="">Cancel</button></form>`
    return
  }
  const id = new URLSearchParams(await body(ctx)).get("id")
  const { params } = await provider.interactionDetails(ctx.req, ctx.res)
  if (!id) {
    await provider.interactionFinished(ctx.req, ctx.res, { error: "access_denied", error_description: "given up" })
  } else {
    const grant = new provider.Grant({ accountId: id, clientId: params.client_id })
    grant.addOIDCScope(params.scope)
    grant.addOIDCClaims(names())
    const consent = { grantId: await grant.save() }
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: id }, consent })
  }
  ctx.respond = false
}

const server = await new Promise((resolve) => {
  import("node:http").then(({ createServer }) => {
    const created = createServer((request, response) => provider.callback()(request, response))
    created.listen(0, "127.0.0.1", () => resolve(created))
  })
})
const issuer = `http://127.0.0.1:${server.address().port}`

provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT,
      client_secret: "secret-of-the-tests",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [redirectUri],
    },
  ],
  jwks: { keys: [jwk] },
  cookies: { keys: ["of the tests"] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: (use) => ({ sub: id, ...(use === "id_token" && told.quiet ? {} : told.accounts[id]) }) }),
  claims: { openid: ["sub"], profile: ["name", "email", "email_verified", "roles", "regions", "realm_access"] },
  conformIdTokenClaims: false, // in the ID token, as Keycloak does
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `<title>Provider</title>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`
      },
    },
  },
})
provider.use(misbehave)

console.log(issuer)
