#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>

namespace ssl = boost::asio::ssl;
using namespace server_test;

namespace {

const std::string whoami = api + "/workers/whoami";

ssl::context trusting(const std::string& ca) {
  ssl::context made(ssl::context::tls_client);
  made.add_certificate_authority(boost::asio::buffer(ca));
  made.set_verify_mode(ssl::verify_peer);
  return made;
}

// What the verification of a server's certificate says; X509_V_OK where the handshake succeeds.
long verdict(wft::certificate_kind kind, const std::string& host = "localhost") {
  wft::local_server_options options;
  options.certificate = kind;
  wft::local_server server(options);
  ssl::context tls = trusting(server.ca_pem());
  raw_client client(server.port(), tls, host);
  SSL_set1_host(client.native(), host.c_str());
  SSL_set_verify(client.native(), SSL_VERIFY_PEER, nullptr);
  try {
    client.handshake();
  } catch (const boost::system::system_error&) {
  }
  return SSL_get_verify_result(client.native());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(http_tls)

BOOST_AUTO_TEST_CASE(the_certificate_holds_for_each_loopback_name) {
  wft::local_server server;
  for (const char* host : {"localhost", "127.0.0.1", "::1"}) {
    ssl::context tls = trusting(server.ca_pem());
    raw_client client(server.port(), tls, host);
    client.handshake();
    BOOST_TEST(client.ask("GET", whoami).status == 200, host);
  }
}

BOOST_AUTO_TEST_CASE(a_good_certificate_passes) {
  BOOST_TEST(verdict(wft::certificate_kind::good) == X509_V_OK);
}

BOOST_AUTO_TEST_CASE(a_server_with_a_state_folder_shows_the_same_certificate_after_a_restart) {
  std::string name = (std::filesystem::temp_directory_path() / "http_tls-XXXXXX").string();
  wft::local_server_options options;
  options.state_folder = ::mkdtemp(name.data());
  std::string first;
  for (int life = 0; life < 2; ++life) {
    wft::local_server server(options);
    if (life == 0) first = server.ca_pem();
    ssl::context tls = trusting(first);
    raw_client client(server.port(), tls, "localhost");
    client.handshake();
    BOOST_TEST(client.ask("GET", whoami).status == 200);
  }
  // What cannot be read is replaced.
  std::ofstream(options.state_folder / "certificates.pem") << "rubbish";
  const wft::local_server server(options);
  BOOST_TEST(server.ca_pem() != first);
  std::filesystem::remove_all(options.state_folder);
}

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_expired_and_nothing_else) {
  BOOST_TEST(verdict(wft::certificate_kind::expired) == X509_V_ERR_CERT_HAS_EXPIRED);
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_does_not_match) {
  BOOST_TEST(verdict(wft::certificate_kind::wrong_host) == X509_V_ERR_HOSTNAME_MISMATCH);
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_recognised) {
  BOOST_TEST(verdict(wft::certificate_kind::self_signed) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}

BOOST_AUTO_TEST_CASE(an_unknown_ca_is_not_trusted) {
  BOOST_TEST(verdict(wft::certificate_kind::unknown_ca) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

BOOST_AUTO_TEST_CASE(the_ca_file_holds_the_ca) {
  wft::local_server_options options;
  options.ca_file = std::filesystem::temp_directory_path() / ("ca-" + std::to_string(::getpid()) + ".pem");
  const wft::local_server server(options);
  std::ifstream file(options.ca_file);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  BOOST_TEST(text == server.ca_pem());
  std::filesystem::remove(options.ca_file);
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed_and_counted) {
  for (const wft::tls_version version : {wft::tls_version::tls_1_2, wft::tls_version::tls_1_3}) {
    wft::local_server_options options;
    options.maximum_tls = version;
    wft::local_server server(options);
    ssl::context tls = trusting(server.ca_pem());
    raw_client first(server.port(), tls, "localhost");
    first.handshake();
    first.ask("GET", whoami);
    SSL_SESSION* session = SSL_get1_session(first.native());
    raw_client second(server.port(), tls, "localhost", session);
    second.handshake();
    second.ask("GET", whoami);
    BOOST_TEST(second.resumed());
    BOOST_TEST(server.counts().handshakes_full == 1);
    BOOST_TEST(server.counts().handshakes_resumed == 1);
    SSL_SESSION_free(session);
  }
}

BOOST_AUTO_TEST_CASE(without_session_tickets_every_handshake_is_full) {
  wft::local_server_options options;
  options.session_tickets = false;
  wft::local_server server(options);
  ssl::context tls = trusting(server.ca_pem());
  raw_client first(server.port(), tls, "localhost");
  first.handshake();
  first.ask("GET", whoami);
  SSL_SESSION* session = SSL_get1_session(first.native());
  raw_client second(server.port(), tls, "localhost", session);
  second.handshake();
  second.ask("GET", whoami);
  BOOST_TEST(server.counts().handshakes_full == 2);
  SSL_SESSION_free(session);
}

BOOST_AUTO_TEST_CASE(a_server_of_tls_1_1_can_be_had) {
  wft::local_server_options options;
  options.minimum_tls = wft::tls_version::tls_1_0;
  options.maximum_tls = wft::tls_version::tls_1_1;
  wft::local_server server(options);
  ssl::context old = trusting(server.ca_pem());
  SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_VERSION);
  SSL_CTX_set_cipher_list(old.native_handle(), "DEFAULT@SECLEVEL=0");
  raw_client client(server.port(), old, "localhost");
  client.handshake();
  BOOST_TEST(SSL_version(client.native()) == TLS1_1_VERSION);
  ssl::context modern = trusting(server.ca_pem());
  SSL_CTX_set_min_proto_version(modern.native_handle(), TLS1_2_VERSION);
  raw_client refused(server.port(), modern, "localhost");
  BOOST_CHECK_THROW(refused.handshake(), boost::system::system_error);
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.handshakes_failed == 1; }));
}

BOOST_AUTO_TEST_CASE(a_broken_handshake_is_reset_and_the_next_one_works) {
  wft::local_server server(tls_options());
  server.break_handshakes(1);
  BOOST_CHECK_THROW(raw_client broken(server), boost::system::system_error);
  raw_client client(server);
  BOOST_TEST(client.ask("GET", whoami).status == 200);
  BOOST_TEST(server.counts().handshakes_failed == 1);
}

BOOST_AUTO_TEST_CASE(a_client_certificate_can_be_demanded) {
  wft::local_server_options options;
  options.client_certificate = true;
  options.maximum_tls = wft::tls_version::tls_1_2;
  wft::local_server server(options);
  ssl::context tls = trusting(server.ca_pem());
  raw_client client(server.port(), tls, "localhost");
  BOOST_CHECK_THROW(client.handshake(), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(a_connection_that_ends_says_close_notify_unless_told_not_to) {
  wft::local_server server(tls_options());
  raw_client polite(server);
  polite.ask("GET", whoami);
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.connections_idle == 1; }));
  server.close_idle_connections(wft::ending::clean);
  polite.read_to_end();
  BOOST_TEST(polite.ended() == seen_end::close_notify);
  raw_client rude(server);
  rude.ask("GET", whoami);
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.connections_idle == 1; }));
  server.close_idle_connections(wft::ending::no_close_notify);
  rude.read_to_end();
  BOOST_TEST(rude.ended() == seen_end::no_close_notify);
}

BOOST_AUTO_TEST_SUITE_END()
