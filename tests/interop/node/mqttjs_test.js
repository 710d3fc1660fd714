// MQTT.js over TCP in all three versions of the protocol. GAON_PORT names the broker.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import mqtt from 'mqtt'

const DEADLINE_MS = 20_000
const open = []
let names = 0

// A client that never reconnects by itself. `take(n)` are the next n messages, in order.
async function client (version, options = {}) {
  const made = mqtt.connect(`mqtt://127.0.0.1:${process.env.GAON_PORT}`, {
    protocolVersion: version,
    protocolId: version === 3 ? 'MQIsdp' : 'MQTT',
    clientId: name('client'),
    reconnectPeriod: 0,
    connectTimeout: DEADLINE_MS,
    ...options
  })
  open.push(made)
  const messages = []
  let arrived = () => {}
  made.on('message', (topic, payload, packet) => {
    messages.push({ topic, payload: payload.toString(), qos: packet.qos, retain: packet.retain, properties: packet.properties })
    arrived()
  })
  made.waiting = () => messages.length
  made.take = async (count) => {
    await within(new Promise((resolve) => {
      arrived = () => { if (messages.length >= count) resolve() }
      arrived()
    }), () => `${count} messages; so far: ${JSON.stringify(messages.slice(-20))}`)
    return messages.splice(0, count)
  }
  made.takeUntil = async (payload) => {
    const taken = []
    for (;;) {
      const [next] = await made.take(1)
      if (next.payload === payload) return taken
      taken.push(next)
    }
  }
  // Only now, because what is queued for a session comes right behind its CONNACK.
  await within(new Promise((resolve, reject) => made.once('connect', resolve).once('error', reject)), () => 'CONNACK')
  return made
}

async function within (promise, what) {
  let timer
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what()}`)), DEADLINE_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

// A topic or client id that nothing else uses.
const name = (tail) => `mqttjs/${++names}/${tail}`
const facts = (messages) => messages.map(({ payload, qos, retain }) => [payload, qos, retain])
const closed = (one) => within(new Promise((resolve) => one.once('close', resolve)), () => 'a close')

function session (version, clientId) {
  const properties = version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}
  return client(version, { clientId, clean: false, resubscribe: false, ...properties })
}

after(() => Promise.all(open.map((one) => one.endAsync(true))))

for (const version of [3, 4, 5]) {
  describe(`version ${version}`, () => {
    test('the lower of both QoS is delivered', async () => {
      const publisher = await client(version)
      for (const granted of [0, 1, 2]) {
        const topic = name('t')
        const subscriber = await client(version)
        const [grant] = await subscriber.subscribeAsync(topic, { qos: granted })
        assert.equal(grant.qos, granted)
        for (const qos of [0, 1, 2]) {
          await publisher.publishAsync(topic, 'x', { qos })
          assert.deepEqual(facts(await subscriber.take(1)), [['x', Math.min(qos, granted), false]])
        }
      }
    })

    test('a retained message is replayed, replaced and cleared', async () => {
      const topic = name('t')
      const publisher = await client(version)
      for (const value of ['first', 'second']) {
        await publisher.publishAsync(topic, value, { qos: 1, retain: true })
        const subscriber = await client(version)
        await subscriber.subscribeAsync(topic, { qos: 1 })
        assert.deepEqual(facts(await subscriber.take(1)), [[value, 1, true]])
      }
      await publisher.publishAsync(topic, '', { qos: 1, retain: true })
      const subscriber = await client(version)
      await subscriber.subscribeAsync(topic, { qos: 1 })
      await publisher.publishAsync(topic, 'fence', { qos: 1 })
      assert.deepEqual(await subscriber.takeUntil('fence'), [])
    })

    test('the will is published when the socket breaks and not after DISCONNECT', async () => {
      const topic = name('will')
      const will = { topic, payload: Buffer.from('gone'), qos: 1, retain: false }
      const watcher = await client(version)
      await watcher.subscribeAsync(topic, { qos: 1 })
      await (await client(version, { will })).endAsync()
      await watcher.publishAsync(topic, 'fence', { qos: 1 })
      assert.deepEqual(await watcher.takeUntil('fence'), [])
      const dying = await client(version, { will })
      dying.stream.destroy()
      assert.deepEqual(facts(await watcher.take(1)), [['gone', 1, false]])
    })

    test('a session resumes with its subscription and its queue', async () => {
      const topic = name('t')
      const id = name('sleeper')
      const publisher = await client(version)
      const first = await session(version, id)
      await first.subscribeAsync(topic, { qos: 2 })
      await first.endAsync()
      for (let n = 0; n < 20; n++) await publisher.publishAsync(topic, String(n), { qos: n < 10 ? 1 : 2 })
      const again = await session(version, id)
      const expected = Array.from({ length: 20 }, (_, n) => [String(n), n < 10 ? 1 : 2, false])
      assert.deepEqual(facts(await again.take(20)), expected)
    })

    test('two members of a share get each message once in sum', async () => {
      const topic = name('t')
      const fence = name('fence')
      const members = [await client(version), await client(version)]
      for (const member of members) await member.subscribeAsync([`$share/crew/${topic}`, fence], { qos: 1 })
      const publisher = await client(version)
      const sent = Array.from({ length: 100 }, (_, n) => n)
      for (const n of sent) await publisher.publishAsync(topic, String(n), { qos: 1 })
      // Order holds within a topic only, so the fence must not stand for the count.
      await within(new Promise((resolve) => {
        const look = () => { if (members[0].waiting() + members[1].waiting() >= sent.length) resolve() }
        members.forEach((member) => member.on('message', look))
        look()
      }), () => `${sent.length} messages`)
      await publisher.publishAsync(fence, 'end', { qos: 1 })
      const shares = []
      for (const member of members) shares.push((await member.takeUntil('end')).map(({ payload }) => Number(payload)))
      assert.deepEqual(shares.flat().sort((a, b) => a - b), sent)
      assert.ok(shares[0].length && shares[1].length, 'one member got everything')
    })

    test('a thousand messages keep their order', async () => {
      for (const qos of [0, 1, 2]) {
        const topic = name('t')
        const subscriber = await client(version)
        await subscriber.subscribeAsync(topic, { qos })
        const publisher = await client(version)
        for (let n = 0; n < 1000; n++) publisher.publish(topic, String(n), { qos })
        const received = (await subscriber.take(1000)).map(({ payload }) => Number(payload))
        assert.deepEqual(received, Array.from({ length: 1000 }, (_, n) => n))
      }
    })

    test('wildcards choose levels', async () => {
      const root = name('w')
      const watcher = await client(version)
      await watcher.subscribeAsync(`${root}/+/c`, { qos: 1 })
      for (const tail of ['/a/c', '/a/d', '/a/c/e', '', '/b/c']) await watcher.publishAsync(root + tail, 'x', { qos: 1 })
      assert.deepEqual((await watcher.take(2)).map(({ topic }) => topic), [`${root}/a/c`, `${root}/b/c`])
    })
  })
}

describe('version 5 only', () => {
  test('properties of a message arrive unchanged', async () => {
    const topic = name('t')
    const both = await client(5)
    await both.subscribeAsync(topic, { qos: 1, properties: { subscriptionIdentifier: 11 } })
    const properties = {
      contentType: 'text/plain',
      payloadFormatIndicator: true,
      responseTopic: name('answer'),
      correlationData: Buffer.from([0, 255, 17]),
      userProperties: { b: ['1', '2'], a: '3' }
    }
    await both.publishAsync(topic, 'x', { qos: 1, properties: { ...properties, messageExpiryInterval: 1000 } })
    const [{ properties: found }] = await both.take(1)
    assert.ok(found.messageExpiryInterval > 900 && found.messageExpiryInterval <= 1000)
    assert.equal(found.subscriptionIdentifier, 11)
    assert.deepEqual({ ...found.userProperties }, properties.userProperties)
    for (const key of ['contentType', 'payloadFormatIndicator', 'responseTopic', 'correlationData']) {
      assert.deepEqual(found[key], properties[key], key)
    }
  })

  test('topic aliases chosen by the client save the topic', async () => {
    const root = name('t')
    const subscriber = await client(5)
    await subscriber.subscribeAsync(`${root}/#`, { qos: 1 })
    const publisher = await client(5, { autoAssignTopicAlias: true })
    const sent = Array.from({ length: 30 }, (_, n) => `${root}/${n % 3}`)
    for (const topic of sent) await publisher.publishAsync(topic, 'x', { qos: 1 })
    assert.deepEqual((await subscriber.take(30)).map(({ topic }) => topic), sent)
  })

  test('topic aliases chosen by the broker are understood', async () => {
    const root = name('t')
    const subscriber = await client(5, { properties: { topicAliasMaximum: 2 } })
    await subscriber.subscribeAsync(`${root}/#`, { qos: 1 })
    const publisher = await client(5)
    const sent = Array.from({ length: 30 }, (_, n) => `${root}/${n % 4}`)
    for (const topic of sent) await publisher.publishAsync(topic, 'x', { qos: 1 })
    assert.deepEqual((await subscriber.take(30)).map(({ topic }) => topic), sent)
  })

  test('a client with a small receive maximum gets everything in order', async () => {
    const topic = name('t')
    const subscriber = await client(5, { properties: { receiveMaximum: 2 } })
    await subscriber.subscribeAsync(topic, { qos: 2 })
    const publisher = await client(5)
    for (let n = 0; n < 50; n++) publisher.publish(topic, String(n), { qos: 2 })
    assert.deepEqual((await subscriber.take(50)).map(({ payload }) => Number(payload)), Array.from({ length: 50 }, (_, n) => n))
  })

  test('no local keeps own messages away', async () => {
    const topic = name('t')
    const own = await client(5)
    const other = await client(5)
    await own.subscribeAsync(topic, { qos: 1, nl: true })
    await own.publishAsync(topic, 'mine', { qos: 1 })
    await other.publishAsync(topic, 'theirs', { qos: 1 })
    assert.deepEqual(facts(await own.take(1)), [['theirs', 1, false]])
  })

  test('a second client with the same id takes over and the first is told', async () => {
    const clientId = name('twin')
    const first = await client(5, { clientId })
    const told = within(new Promise((resolve) => first.once('disconnect', resolve)), () => 'DISCONNECT')
    const gone = closed(first)
    await client(5, { clientId })
    assert.equal((await told).reasonCode, 0x8e)
    await gone
  })
})
