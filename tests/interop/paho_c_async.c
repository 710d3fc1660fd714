/* Paho C, the asynchronous library (paho-mqtt3a), in 5: many publishes in flight at each QoS, to a
   subscriber with a small Receive Maximum. GAON_PORT names the broker.
   The library calls back from threads of its own; `changed` tells the main thread. */
#include <MQTTAsync.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "paho_c_check.h"

enum { kMessages = 1000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int done;     /* requests that ended well */
static int received; /* messages that came in the expected order */
static int expected_qos;

static void count_up(int* counter) {
  pthread_mutex_lock(&lock);
  ++*counter;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static void wait_until(const int* counter, int value, const char* what) {
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  end.tv_sec += DEADLINE_MS / 1000;
  int code = 0;
  pthread_mutex_lock(&lock);
  while (*counter < value && code != ETIMEDOUT) code = pthread_cond_timedwait(&changed, &lock, &end);
  const int reached = *counter;
  pthread_mutex_unlock(&lock);
  EXPECT(reached >= value, "%s: %d of %d", what, reached, value);
}

static void on_success(void* context, MQTTAsync_successData5* data) {
  (void)context;
  (void)data;
  count_up(&done);
}

static void on_failure(void* context, MQTTAsync_failureData5* data) {
  EXPECT(false, "%s failed: %d, reason 0x%02x", (const char*)context, data->code, (unsigned)data->reasonCode);
}

static int on_message(void* context, char* topic, int topic_length, MQTTAsync_message* message) {
  (void)context;
  (void)topic_length;
  char payload[16] = "";
  memcpy(payload, message->payload, message->payloadlen < 15 ? (size_t)message->payloadlen : 15);
  EXPECT(atoi(payload) == received, "QoS %d: message %s came as number %d", message->qos, payload, received);
  EXPECT(message->qos == expected_qos, "QoS %d instead of %d", message->qos, expected_qos);
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  count_up(&received);
  return 1;
}

static MQTTAsync open_client(const char* id, unsigned short receive_maximum) {
  char uri[64];
  broker_uri(uri, sizeof uri);
  MQTTAsync client;
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
  create.maxBufferedMessages = kMessages;
  int code = MQTTAsync_createWithOptions(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
  EXPECT(code == MQTTASYNC_SUCCESS, "create %d", code);
  MQTTAsync_setCallbacks(client, NULL, NULL, on_message, NULL);

  MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
  MQTTProperties properties = MQTTProperties_initializer;
  MQTTProperty maximum = {.identifier = MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, .value.integer2 = receive_maximum};
  MQTTProperties_add(&properties, &maximum);
  connect.cleanstart = 1;
  connect.maxInflight = kMessages;
  connect.connectProperties = &properties;
  connect.onSuccess5 = on_success;
  connect.onFailure5 = on_failure;
  connect.context = "CONNECT";
  done = 0;
  code = MQTTAsync_connect(client, &connect);
  EXPECT(code == MQTTASYNC_SUCCESS, "connect %d", code);
  wait_until(&done, 1, "CONNACK");
  MQTTProperties_free(&properties);
  return client;
}

static void subscribe(MQTTAsync client, const char* filter, int qos) {
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  response.onSuccess5 = on_success;
  response.onFailure5 = on_failure;
  response.context = "SUBSCRIBE";
  done = 0;
  int code = MQTTAsync_subscribe(client, filter, qos, &response);
  EXPECT(code == MQTTASYNC_SUCCESS, "subscribe %d", code);
  wait_until(&done, 1, "SUBACK");
}

static void publish_all(MQTTAsync client, const char* topic, int qos) {
  char payload[16];
  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  response.onSuccess5 = on_success;
  response.onFailure5 = on_failure;
  response.context = "PUBLISH";
  done = 0;
  for (int number = 0; number < kMessages; number++) {
    snprintf(payload, sizeof payload, "%d", number);
    int code = MQTTAsync_send(client, topic, (int)strlen(payload), payload, qos, 0, &response);
    EXPECT(code == MQTTASYNC_SUCCESS, "send %d", code);
  }
  wait_until(&done, kMessages, "acknowledgements");
}

static void close_client(MQTTAsync client) {
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
  options.onSuccess5 = on_success;
  options.onFailure5 = on_failure;
  options.context = "DISCONNECT";
  done = 0;
  EXPECT(MQTTAsync_disconnect(client, &options) == MQTTASYNC_SUCCESS, "disconnect");
  wait_until(&done, 1, "the end of a connection");
  MQTTAsync_destroy(&client);
}

int main(void) {
  for (int qos = 0; qos <= 2; qos++) {
    printf("version 5: a thousand messages in flight keep their order at QoS %d\n", qos);
    fflush(stdout);
    char topic[NAME_MAX_BYTES];
    snprintf(topic, sizeof topic, "paho_c/async/%d", qos);
    expected_qos = qos;
    received = 0;
    MQTTAsync subscriber = open_client("paho_c/subscriber", 5);
    MQTTAsync publisher = open_client("paho_c/publisher", 65535);
    subscribe(subscriber, topic, qos);
    publish_all(publisher, topic, qos);
    wait_until(&received, kMessages, "messages");
    close_client(publisher);
    close_client(subscriber);
  }
  return 0;
}
