// A blocking HTTP client that shows every byte and how a connection ended; for tests of the local server.
// Not the library's client: the server is to be right towards others too.
#pragma once

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace server_test {

namespace wft = mistral::workflows::testing;

/// How the server ended what the client read.
enum class seen_end { open, whole, close_notify, no_close_notify, reset };
std::ostream& operator<<(std::ostream& out, seen_end end);

struct reply {
  reply() = default;

  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  seen_end end = seen_end::open;  ///< `whole`: as long as it said

  boost::json::value json() const;
};

struct stream_item {
  stream_item() = default;

  std::string id;
  std::string event;
  std::string data;

  boost::json::value json() const;
};

class raw_client {
 public:
  explicit raw_client(const wft::local_server& server);
  /// Plain HTTP.
  explicit raw_client(std::uint16_t port);
  /// With a TLS context and a name of the test's own.
  raw_client(std::uint16_t port, boost::asio::ssl::context& tls, const std::string& host,
             SSL_SESSION* session = nullptr);
  ~raw_client();

  /// Throws boost::system::system_error; the constructor for a server does it by itself.
  void handshake();
  bool resumed();
  SSL* native();

  void send(std::string_view bytes);
  void request(std::string_view method, std::string_view target, std::string_view body = std::string_view(),
               std::string_view more_headers = std::string_view());
  /// Sends and reads the whole answer.
  reply ask(std::string_view method, std::string_view target, std::string_view body = std::string_view(),
            std::string_view more_headers = std::string_view());
  /// One answer, its body too.
  reply answer();
  /// The head alone; the body is read with `line` or `next_event`.
  reply head();
  /// A line of the body without its end; nothing at the end of the body, which `ended` then tells about.
  std::optional<std::string> line();
  /// The next event; comments are skipped (and counted).
  std::optional<stream_item> next_event();
  int comments() const { return comments_; }
  seen_end ended() const { return end_; }
  /// Reads until the connection ends. What came.
  std::string read_to_end();
  void close();

 private:
  bool read_raw();
  bool read_body();

  boost::asio::io_context io_;
  boost::asio::ssl::context own_tls_;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket>> secure_;
  std::unique_ptr<boost::asio::ip::tcp::socket> plain_;
  std::string raw_;   ///< read and not yet understood
  std::string text_;  ///< of the body, not yet handed out
  bool chunked_ = false;
  bool until_close_ = false;
  std::size_t left_ = 0;  ///< of a body with a length, or of a chunk
  bool in_chunk_ = false;
  seen_end end_ = seen_end::open;
  int comments_ = 0;
};

}  // namespace server_test
