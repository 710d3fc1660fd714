#include "auth/scram.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "auth/scram_message.h"

namespace gaon::auth {
namespace {

// RFC 7677, section 3.
constexpr std::string_view kClientNonce = "rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr std::string_view kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr std::string_view kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr std::string_view kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr std::string_view kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

const ScramKey& key_of_pencil() {
  static const ScramKey key = make_scram_key("pencil", *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  return key;
}

FoundScramKey find(std::string_view user) { return {.key = key_of_pencil(), .known = user == "user"}; }

ScramServer server(std::optional<std::string> only = {}) {
  return ScramServer(find, std::move(only), std::string(kServerNonce));
}
ScramClient client(std::string password = "pencil") {
  return ScramClient("user", std::move(password), std::string(kClientNonce));
}
Reply say(Exchange& to, std::string_view text) { return to.next(as_bytes(text)); }

TEST(Scram, server_says_what_rfc_7677_says) {
  ScramServer one = server();
  const Reply first = say(one, kClientFirst);
  EXPECT_EQ(first.verdict, Verdict::continue_authentication);
  EXPECT_EQ(first.data, kServerFirst);
  const Reply last = say(one, kClientFinal);
  EXPECT_EQ(last.verdict, Verdict::granted);
  EXPECT_EQ(last.data, kServerFinal);
  EXPECT_EQ(last.identity.user, "user");
}

TEST(Scram, client_says_what_rfc_7677_says) {
  ScramClient one = client();
  EXPECT_EQ(one.next({}).data, kClientFirst);
  const Reply proof = say(one, kServerFirst);
  EXPECT_EQ(proof.verdict, Verdict::continue_authentication);
  EXPECT_EQ(proof.data, kClientFinal);
  EXPECT_EQ(say(one, kServerFinal).verdict, Verdict::granted);
}

TEST(Scram, wrong_password_and_unknown_user_hear_the_same) {
  ScramServer one = server();
  ScramClient wrong = client("pencil2");
  EXPECT_EQ(say(one, say(wrong, say(one, wrong.next({}).data).data).data).verdict,
            Verdict::bad_user_name_or_password);
  // Even who guesses the key that was made up does not get in.
  ScramServer other = server();
  ScramClient unknown("nobody", "pencil");
  EXPECT_EQ(say(other, say(unknown, say(other, unknown.next({}).data).data).data).verdict,
            Verdict::bad_user_name_or_password);
}

TEST(Scram, another_user_than_the_one_asked_for_is_refused) {
  ScramServer same = server("user");
  say(same, kClientFirst);
  EXPECT_EQ(say(same, kClientFinal).verdict, Verdict::granted);
  ScramServer another = server("somebody");
  say(another, kClientFirst);
  EXPECT_EQ(say(another, kClientFinal).verdict, Verdict::bad_user_name_or_password);
}

TEST(Scram, client_does_not_believe_a_server_that_does_not_know_the_key) {
  for (const std::string_view last : {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "v=", "",
                                      "e=other-error", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95GQ="}) {
    ScramClient one = client();
    one.next({});
    say(one, kServerFirst);
    EXPECT_EQ(say(one, last).verdict, Verdict::not_authorized) << last;
  }
}

TEST(Scram, client_refuses_a_first_answer_that_is_not_to_its_question) {
  for (const std::string_view first : {"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                                       "r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                                       "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
                                       "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001"}) {
    ScramClient one = client();
    one.next({});
    EXPECT_EQ(say(one, first).verdict, Verdict::not_authorized) << first;
  }
}

TEST(Scram, ill_formed_first_messages_are_refused) {
  for (const std::string_view first : {
           "",
           "n",
           "n,,",
           "n,,n=user",
           "n,,r=x",
           "n,,r=x,n=user",
           "n,,n=,r=x",
           "n,,n=user,r=",
           "n,,n=user,r=a b",
           "p=tls-unique,,n=user,r=x",
           "n,a=admin,n=user,r=x",
           "N,,n=user,r=x",
           "n,,m=ext,n=user,r=x",
           "n,,n=us=er,r=x",
           "n,,n=us=2cer,r=x",
           "n,,n=user,r=x,",
           "n,,n=user,r=x,m=y",
           "n,,n=user,r=x,1=y",
       }) {
    ScramServer one = server();
    EXPECT_EQ(say(one, first).verdict, Verdict::not_authorized) << first;
  }
  ScramServer one = server();
  EXPECT_EQ(say(one, "n,,n=user,r=" + std::string(kScramMessageMax, 'x')).verdict, Verdict::not_authorized);
}

TEST(Scram, ill_formed_final_messages_are_refused) {
  const std::string good(kClientFinal);
  const auto with = [&good](std::string_view what, std::string_view instead) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), instead);
  };
  for (const std::string& last : {std::string(), std::string("p=x"), with("biws", "eSws") /* y,, */,
                                  with("biws", "biwt"), with("k0", "k1"), with("dVQ=", "dVR="),
                                  with("dVQ=", "dVQ"), with("p=", "q="), good + ",x=y", with("c=", "d=")}) {
    ScramServer one = server();
    say(one, kClientFirst);
    EXPECT_EQ(say(one, last).verdict, Verdict::not_authorized) << last;
  }
}

TEST(Scram, names_may_have_commas_and_equals_signs) {
  std::string asked;
  ScramServer one([&asked](std::string_view user) { return asked = user, find("user"); }, {});
  ScramClient odd("a=b,c=2C", "pencil");
  const Reply last = say(one, say(odd, say(one, odd.next({}).data).data).data);
  EXPECT_EQ(asked, "a=b,c=2C");
  EXPECT_EQ(last.identity.user, "a=b,c=2C");
  EXPECT_EQ(say(odd, last.data).verdict, Verdict::granted);
}

TEST(Scram, extensions_that_need_not_be_understood_are_passed_over) {
  ScramServer one = server();
  EXPECT_EQ(say(one, "y,,n=user,r=x,z=later").verdict, Verdict::continue_authentication);
}

TEST(Scram, nonces_are_new_each_time) {
  EXPECT_EQ(make_nonce().size(), 24U);
  EXPECT_NE(make_nonce(), make_nonce());
}

TEST(Base64, only_the_one_form_of_bytes_is_taken) {
  EXPECT_EQ(encode_base64(as_bytes("")), "");
  EXPECT_EQ(encode_base64(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  for (const std::string_view text :
       {"Zm9vYg", "Zm9vYh==", "Zm9v Yg=", " Zm9vYg==", "Zm9vYg==\n", "Zm9=Yg==", "====", "Zm9v-g=="}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace gaon::auth
