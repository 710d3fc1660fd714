// MQTT.js over WebSocket, with and without TLS: a message to itself by each URL of the arguments.
// NODE_EXTRA_CA_CERTS names the CA.
import mqtt from 'mqtt'

const DEADLINE_MS = 20_000

for (const url of process.argv.slice(2)) {
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, connectTimeout: DEADLINE_MS })
  const payload = 'x'.repeat(100_000)
  const arrived = new Promise((resolve, reject) => {
    client.on('message', (topic, message) => resolve(message.toString()))
    client.on('close', () => reject(new Error(`${url} was closed`)))
    setTimeout(() => reject(new Error(`nothing came by ${url}`)), DEADLINE_MS).unref()
  })
  await client.subscribeAsync('node/websocket', { qos: 1 })
  await client.publishAsync('node/websocket', payload, { qos: 1 })
  if (await arrived !== payload) throw new Error(`something else came by ${url}`)
  client.removeAllListeners('close')
  await client.endAsync()
}
