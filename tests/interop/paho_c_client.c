/* Paho C, the synchronous library (paho-mqtt3c), in 3.1.1 and 5. GAON_PORT names the broker.
   One thread: the library receives only while it is called. */
#include <MQTTClient.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "paho_c_check.h"

enum { kInflight = 200 };

struct options {
  bool keep_session; /* clean start 0 and a session that outlives the connection */
  const char* will_topic;
};

/* The version of all clients of a round, and what makes their names its own. */
static int version;

static const char* named(char* to, const char* tail) {
  snprintf(to, NAME_MAX_BYTES, "paho_c/%d/%s", version, tail);
  return to;
}

static void add_number(MQTTProperties* to, enum MQTTPropertyCodes code, unsigned value) {
  MQTTProperty property = {.identifier = code, .value.integer4 = value};
  EXPECT(MQTTProperties_add(to, &property) == 0, "property %d", (int)code);
}

static MQTTClient open_client(const char* id, struct options options, int* session_present) {
  char uri[64];
  broker_uri(uri, sizeof uri);
  MQTTClient client;
  MQTTClient_createOptions create = MQTTClient_createOptions_initializer;
  create.MQTTVersion = version;
  int code = MQTTClient_createWithOptions(&client, uri, id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
  EXPECT(code == MQTTCLIENT_SUCCESS, "create %d", code);

  MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
  will.topicName = options.will_topic;
  will.message = "gone";
  will.qos = 1;

  if (version == MQTTVERSION_5) {
    MQTTClient_connectOptions connect = MQTTClient_connectOptions_initializer5;
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperties will_properties = MQTTProperties_initializer;
    connect.cleanstart = !options.keep_session;
    connect.reliable = 0;
    connect.maxInflightMessages = kInflight;
    connect.will = options.will_topic ? &will : NULL;
    if (options.keep_session) add_number(&properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, 600);
    MQTTResponse response =
        MQTTClient_connect5(client, &connect, &properties, options.will_topic ? &will_properties : NULL);
    EXPECT(response.reasonCode == MQTTREASONCODE_SUCCESS, "%s: connect %d", id, (int)response.reasonCode);
    *session_present = connect.returned.sessionPresent;
    MQTTResponse_free(response);
    MQTTProperties_free(&properties);
    MQTTProperties_free(&will_properties);
  } else {
    MQTTClient_connectOptions connect = MQTTClient_connectOptions_initializer;
    connect.MQTTVersion = version;
    connect.cleansession = !options.keep_session;
    connect.reliable = 0;
    connect.maxInflightMessages = kInflight;
    connect.will = options.will_topic ? &will : NULL;
    code = MQTTClient_connect(client, &connect);
    EXPECT(code == MQTTCLIENT_SUCCESS, "%s: connect %d", id, code);
    *session_present = connect.returned.sessionPresent;
  }
  return client;
}

static MQTTClient open_plain(const char* tail) {
  char id[NAME_MAX_BYTES];
  int session_present;
  return open_client(named(id, tail), (struct options){0}, &session_present);
}

static void close_client(MQTTClient client) {
  if (version == MQTTVERSION_5) {
    MQTTClient_disconnect5(client, DEADLINE_MS, MQTTREASONCODE_SUCCESS, NULL);
  } else {
    MQTTClient_disconnect(client, DEADLINE_MS);
  }
  MQTTClient_destroy(&client);
}

static void subscribe(MQTTClient client, const char* filter, int qos) {
  int granted;
  if (version == MQTTVERSION_5) {
    MQTTResponse response = MQTTClient_subscribe5(client, filter, qos, NULL, NULL);
    granted = (int)response.reasonCode;
    MQTTResponse_free(response);
  } else {
    granted = MQTTClient_subscribe(client, filter, qos);
    if (granted == MQTTCLIENT_SUCCESS) granted = qos;
  }
  EXPECT(granted == qos, "%s: granted %d instead of %d", filter, granted, qos);
}

/* Returns a token of the acknowledgement, which may still be out. */
static MQTTClient_deliveryToken publish(MQTTClient client, const char* topic, const char* payload, int qos,
                                        int retained) {
  MQTTClient_deliveryToken token;
  int length = (int)strlen(payload);
  int code;
  if (version == MQTTVERSION_5) {
    MQTTResponse response = MQTTClient_publish5(client, topic, length, payload, qos, retained, NULL, &token);
    code = (int)response.reasonCode;
    MQTTResponse_free(response);
  } else {
    code = MQTTClient_publish(client, topic, length, payload, qos, retained, &token);
  }
  EXPECT(code == MQTTCLIENT_SUCCESS, "%s: publish %d", topic, code);
  return token;
}

/* This takes the library 0.1 s at least. */
static void wait_for_acknowledgement(MQTTClient client, MQTTClient_deliveryToken token) {
  const int code = MQTTClient_waitForCompletion(client, token, DEADLINE_MS);
  EXPECT(code == MQTTCLIENT_SUCCESS, "no acknowledgement of message %d, %d", token, code);
}

/* Checks the next message: what is NULL or negative may be anything. */
static void expect_message(MQTTClient client, const char* topic, const char* payload, int qos, int retained) {
  char* found_topic = NULL;
  int topic_length = 0;
  MQTTClient_message* found = NULL;
  int code = MQTTClient_receive(client, &found_topic, &topic_length, &found, DEADLINE_MS);
  EXPECT(code == MQTTCLIENT_SUCCESS && found != NULL, "waited in vain for '%s' on %s (%d)", payload, topic,
         code);
  EXPECT(strcmp(found_topic, topic) == 0, "topic %s instead of %s", found_topic, topic);
  EXPECT(found->payloadlen == (int)strlen(payload) && memcmp(found->payload, payload, strlen(payload)) == 0,
         "%s: payload '%.*s' instead of '%s'", topic, found->payloadlen, (const char*)found->payload,
         payload);
  EXPECT(found->qos == qos, "%s: QoS %d instead of %d", topic, found->qos, qos);
  EXPECT(found->retained == retained, "%s: retained %d instead of %d", topic, found->retained, retained);
  MQTTClient_freeMessage(&found);
  MQTTClient_free(found_topic);
}

static void the_lower_of_both_qos_is_delivered(void) {
  char topic[NAME_MAX_BYTES];
  MQTTClient publisher = open_plain("publisher");
  for (int granted = 0; granted <= 2; granted++) {
    MQTTClient subscriber = open_plain("subscriber");
    subscribe(subscriber, named(topic, "qos"), granted);
    for (int qos = 0; qos <= 2; qos++) {
      publish(publisher, topic, "x", qos, 0);
      expect_message(subscriber, topic, "x", qos < granted ? qos : granted, 0);
    }
    close_client(subscriber);
  }
  close_client(publisher);
}

static void a_retained_message_is_replayed_replaced_and_cleared(void) {
  char topic[NAME_MAX_BYTES];
  named(topic, "retained");
  MQTTClient publisher = open_plain("publisher");
  const char* const values[] = {"first", "second"};
  for (int at = 0; at < 2; at++) {
    wait_for_acknowledgement(publisher, publish(publisher, topic, values[at], 1, 1));
    MQTTClient subscriber = open_plain("subscriber");
    subscribe(subscriber, topic, 1);
    expect_message(subscriber, topic, values[at], 1, 1);
    close_client(subscriber);
  }
  wait_for_acknowledgement(publisher, publish(publisher, topic, "", 1, 1));
  MQTTClient subscriber = open_plain("subscriber");
  subscribe(subscriber, topic, 1);
  publish(publisher, topic, "fence", 1, 0);
  expect_message(subscriber, topic, "fence", 1, 0);
  close_client(subscriber);
  close_client(publisher);
}

/* This library cannot cut a connection, but the end of a process can: what the child runs. */
static int die_with_a_will(void) {
  char topic[NAME_MAX_BYTES];
  char id[NAME_MAX_BYTES];
  int session_present;
  open_client(named(id, "dying"), (struct options){.will_topic = named(topic, "will")}, &session_present);
  _exit(0);
}

static void run_child(void) {
  char text[16];
  snprintf(text, sizeof text, "%d", version);
  const pid_t child = fork();
  EXPECT(child >= 0, "fork");
  if (child == 0) {
    execl("/proc/self/exe", "paho_c_client", "--die", text, (char*)NULL);
    _exit(127);
  }
  int status = 0;
  EXPECT(waitpid(child, &status, 0) == child && status == 0, "the child ended with %d", status);
}

static void the_will_of_a_lost_connection_is_published_and_not_after_disconnect(void) {
  char topic[NAME_MAX_BYTES];
  char id[NAME_MAX_BYTES];
  int session_present;
  const struct options with_will = {.will_topic = named(topic, "will")};
  MQTTClient watcher = open_plain("watcher");
  subscribe(watcher, topic, 1);

  close_client(open_client(named(id, "leaving"), with_will, &session_present));
  publish(watcher, topic, "fence", 1, 0);
  expect_message(watcher, topic, "fence", 1, 0);

  run_child();
  expect_message(watcher, topic, "gone", 1, 0);
  close_client(watcher);
}

static void a_session_resumes_with_its_subscription_and_queue(void) {
  char topic[NAME_MAX_BYTES];
  char id[NAME_MAX_BYTES];
  char payload[16];
  int session_present;
  const struct options keep = {.keep_session = true};
  named(topic, "queued");
  named(id, "sleeper");
  MQTTClient first = open_client(id, keep, &session_present);
  EXPECT(session_present == 0, "a session before the first");
  subscribe(first, topic, 2);
  close_client(first);

  MQTTClient publisher = open_plain("publisher");
  for (int number = 0; number < 20; number++) {
    snprintf(payload, sizeof payload, "%d", number);
    const MQTTClient_deliveryToken token = publish(publisher, topic, payload, number < 10 ? 1 : 2, 0);
    if (number == 19) wait_for_acknowledgement(publisher, token);
  }
  close_client(publisher);

  MQTTClient again = open_client(id, keep, &session_present);
  const bool said = version == MQTTVERSION_3_1_1;  // 3.1 has none, and for 5 the library does not tell.
  EXPECT(session_present == (int)said, "session present is %d", session_present);
  for (int number = 0; number < 20; number++) {
    snprintf(payload, sizeof payload, "%d", number);
    expect_message(again, topic, payload, number < 10 ? 1 : 2, 0);
  }
  close_client(again);
}

/* Takes one message of a member, if there is one within `wait_ms`, and counts it in `seen`. */
static bool take_share(MQTTClient member, unsigned long wait_ms, int* seen, int count) {
  char* topic = NULL;
  int topic_length = 0;
  MQTTClient_message* message = NULL;
  MQTTClient_receive(member, &topic, &topic_length, &message, wait_ms);
  if (message == NULL) return false;
  char payload[16] = "";
  memcpy(payload, message->payload, message->payloadlen < 15 ? (size_t)message->payloadlen : 15);
  const int number = atoi(payload);
  EXPECT(number >= 0 && number < count, "message %d", number);
  seen[number]++;
  MQTTClient_freeMessage(&message);
  MQTTClient_free(topic);
  return true;
}

static void two_members_of_a_share_get_each_message_once_in_sum(void) {
  enum { count = 100 };
  char filter[NAME_MAX_BYTES];
  char topic[NAME_MAX_BYTES];
  char fence[NAME_MAX_BYTES];
  char payload[16];
  int seen[count] = {0};
  int taken[2] = {0};
  named(fence, "fence");
  snprintf(filter, sizeof filter, "$share/crew/paho_c/%d/shared", version);
  MQTTClient members[2] = {open_plain("member one"), open_plain("member two")};
  for (int at = 0; at < 2; at++) {
    subscribe(members[at], filter, 1);
    subscribe(members[at], fence, 1);
  }
  MQTTClient publisher = open_plain("publisher");
  for (int number = 0; number < count; number++) {
    snprintf(payload, sizeof payload, "%d", number);
    publish(publisher, named(topic, "shared"), payload, 1, 0);
  }
  for (int round = 0; taken[0] + taken[1] < count; round++) {
    EXPECT(round < DEADLINE_MS / 10, "%d and %d of %d messages came", taken[0], taken[1], count);
    for (int at = 0; at < 2; at++) taken[at] += take_share(members[at], 5, seen, count);
  }
  for (int number = 0; number < count; number++) {
    EXPECT(seen[number] == 1, "message %d came %d times", number, seen[number]);
  }
  EXPECT(taken[0] > 0 && taken[1] > 0, "one member got everything");
  publish(publisher, fence, "end", 1, 0);
  for (int at = 0; at < 2; at++) {
    expect_message(members[at], fence, "end", 1, 0);
    close_client(members[at]);
  }
  close_client(publisher);
}

static const struct {
  const char* name;
  void (*run)(void);
} tests[] = {
    {"the lower of both QoS is delivered", the_lower_of_both_qos_is_delivered},
    {"a retained message is replayed, replaced and cleared",
     a_retained_message_is_replayed_replaced_and_cleared},
    {"the will of a lost connection is published and not after DISCONNECT",
     the_will_of_a_lost_connection_is_published_and_not_after_disconnect},
    {"a session resumes with its subscription and queue", a_session_resumes_with_its_subscription_and_queue},
    {"two members of a share get each message once in sum",
     two_members_of_a_share_get_each_message_once_in_sum},
};

int main(int count, char** arguments) {
  if (count == 3 && strcmp(arguments[1], "--die") == 0) {
    version = atoi(arguments[2]);
    return die_with_a_will();
  }
  const int versions[] = {MQTTVERSION_3_1, MQTTVERSION_3_1_1, MQTTVERSION_5};
  for (size_t at = 0; at < sizeof versions / sizeof versions[0]; at++) {
    version = versions[at];
    for (size_t test = 0; test < sizeof tests / sizeof tests[0]; test++) {
      printf("version %d: %s\n", version, tests[test].name);
      fflush(stdout);
      tests[test].run();
    }
  }
  return 0;
}
