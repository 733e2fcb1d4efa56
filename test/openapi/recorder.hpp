// A server in this process that writes down every request byte for byte, and answers as the test says.
// Not a Workflows server: it knows nothing but where an HTTP request ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace openapi {

namespace asio = boost::asio;

struct recorded {
  recorded() = default;

  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  std::string path() const { return target.substr(0, target.find('?')); }
  std::string query() const;
};

class recorder {
 public:
  /// `answer`: the whole bytes of the answer to a request.
  recorder(asio::io_context& io, std::function<std::string(const recorded&)> answer);

  std::string url() const;
  /// Since it was last asked.
  std::vector<recorded> take();

 private:
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(asio::ip::tcp::socket peer);

  asio::ip::tcp::acceptor acceptor_;
  std::function<std::string(const recorded&)> answer_;
  std::vector<recorded> requests_;
};

}  // namespace openapi
