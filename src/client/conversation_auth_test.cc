#include "auth/scram.h"
#include "client/conversation_fixture.h"

namespace gaon::client {
namespace {

using mqtt::Property;
using mqtt::Reason;

// A broker that knows "pencil" and a client that says password.
class AuthenticationTest : public ConversationTest {
 protected:
  void make_with(const std::string& password) {
    make({.client_id = "c",
          .authentication = AuthenticationOptions{std::string(auth::kScramSha256), [password] {
                                                    return std::make_unique<auth::ScramClient>("user",
                                                                                               password);
                                                  }}});
  }

  // The properties of an AUTH or CONNACK with this data.
  static std::string with(std::string_view data, std::string_view method = auth::kScramSha256) {
    Buffer buffer;
    mqtt::PropertyWriter writer(buffer);
    writer.text(Property::authentication_method, method);
    writer.data(Property::authentication_data, as_bytes(data));
    return std::string(as_text(buffer.view()));
  }
  void say_auth(Reason reason, const std::string& properties) {
    say(mqtt::Auth{reason, mqtt::Properties(as_bytes(properties))});
  }
  void say_connack(const std::string& properties) {
    say(mqtt::Connack{.properties = mqtt::Properties(as_bytes(properties))});
  }

  // The authentication data of the last packet that was written, which is all there is.
  std::string data_written() {
    const std::string bytes(as_text(conversation_->output().bytes().view()));
    EXPECT_FALSE(told().empty());
    // SCRAM's data is the only thing in it that looks so.
    const std::size_t begin = std::min(bytes.find("n,,"), bytes.find("c=biws"));
    EXPECT_NE(begin, std::string::npos);
    const auto size = load_u16(as_bytes(bytes).data() + begin - 2);
    return bytes.substr(begin, size);
  }

  // Both sides until the server is satisfied; its last word.
  std::string satisfy(const std::string& server_password = "pencil") {
    auth::ScramServer server(
        [&](std::string_view) {
          return auth::FoundScramKey{.key = auth::make_scram_key(server_password, "salt-salt", 4096),
                                     .known = true};
        },
        {});
    say_auth(Reason::continue_authentication, with(server.next(as_bytes(data_written())).data));
    return server.next(as_bytes(data_written())).data;
  }
};

TEST_F(AuthenticationTest, client_and_broker_show_each_other_that_they_know_the_password) {
  make_with("pencil");
  ASSERT_TRUE(conversation_->open(now_));
  say_connack(with(satisfy()));
  EXPECT_EQ(conversation_->state(), State::open);

  ASSERT_TRUE(conversation_->authenticate_again());
  EXPECT_FALSE(conversation_->authenticate_again());  // one after the other
  say_auth(Reason::success, with(satisfy()));
  take<AuthenticatedAgain>();
  EXPECT_EQ(conversation_->state(), State::open);
}

TEST_F(AuthenticationTest, a_broker_that_only_says_yes_is_not_trusted) {
  make_with("pencil");
  ASSERT_TRUE(conversation_->open(now_));
  satisfy();
  say_connack(with("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  EXPECT_EQ(conversation_->state(), State::closed);
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::refused);
  EXPECT_EQ(conversation_->ended().what,
            "authentication failed: the broker does not know the password itself");

  // Nor one that does not even ask.
  ASSERT_TRUE(conversation_->open(now_));
  say_connack(with(""));
  EXPECT_EQ(conversation_->state(), State::closed);
}

TEST_F(AuthenticationTest, method_must_be_repeated) {
  for (const std::string_view method : {"SCRAM-SHA-1", "scram-sha-256"}) {
    make_with("pencil");
    ASSERT_TRUE(conversation_->open(now_));
    say_auth(Reason::continue_authentication, with("x", method));
    EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::violation);
  }
  make_with("pencil");
  ASSERT_TRUE(conversation_->open(now_));
  satisfy();
  say_connack("");
  EXPECT_EQ(conversation_->state(), State::closed);
  EXPECT_EQ(conversation_->ended().kind, Disconnected::Kind::violation);
}

TEST_F(AuthenticationTest, auth_that_nothing_asked_for_ends_the_connection) {
  make_with("pencil");
  ASSERT_TRUE(conversation_->open(now_));
  say_connack(with(satisfy()));
  say_auth(Reason::continue_authentication, with("x"));
  EXPECT_EQ(told(), Lines{"sending DISCONNECT"});
  EXPECT_EQ(take<Disconnected>().what, "the broker broke the protocol: AUTH that nothing asked for");
}

TEST_F(AuthenticationTest, it_needs_a_method_and_mqtt_5) {
  open();
  EXPECT_EQ(conversation_->authenticate_again().error().what, "there is no authentication method");
  make_with("pencil");
  EXPECT_EQ(conversation_->authenticate_again().error().what, "there is no connection");
  make({.version = mqtt::Version::v311,
        .client_id = "c",
        .authentication =
            AuthenticationOptions{"m", [] { return std::make_unique<auth::ScramClient>("u", "p"); }}});
  EXPECT_FALSE(conversation_->open(now_));
  EXPECT_EQ(conversation_->ended().what, "an authentication method needs MQTT 5");
}

}  // namespace
}  // namespace gaon::client
