#include "net/connect/lookup.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

namespace mistral::workflows::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

asio::ip::address address_of(const addrinfo& info) {
  if (info.ai_family == AF_INET) {
    asio::ip::address_v4::bytes_type bytes;
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr, bytes.size());
    return asio::ip::address_v4(bytes);
  }
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(info.ai_addr);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6->sin6_scope_id);
}

error_code translate(int result) {
  switch (result) {
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_FAIL:
      return asio::error::no_recovery;
    case EAI_MEMORY:
      return asio::error::no_memory;
    case EAI_SYSTEM:
      return error_code(errno, boost::system::system_category());
    default:
      return asio::error::host_not_found;
  }
}

void resolve_now(const std::string& host, const resolve_done& done) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const error_code why = result == 0 ? error_code() : translate(result);
  std::vector<asio::ip::address> addresses;
  for (const addrinfo* at = found; at; at = at->ai_next) {
    if (at->ai_family == AF_INET || at->ai_family == AF_INET6) addresses.push_back(address_of(*at));
  }
  if (found) ::freeaddrinfo(found);
  done(why, std::move(addresses));
}

class lookup_service final : public asio::execution_context::service {
 public:
  using key_type = lookup_service;
  static asio::execution_context::id id;

  explicit lookup_service(asio::execution_context& context) : service(context) {}

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      queue_.clear();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  void start(std::string host, resolve_done done) {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      if (!thread_.joinable()) start_thread();
      queue_.emplace_back(std::move(host), std::move(done));
    }
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::deque<std::pair<std::string, resolve_done>> queue_;
  std::thread thread_;

  // Signals are for the program's own threads.
  void start_thread() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void work() {
    for (;;) {
      std::pair<std::string, resolve_done> next;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
        if (stopped_) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      resolve_now(next.first, next.second);
    }
  }
};

asio::execution_context::id lookup_service::id;

bool is_this_machine(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  constexpr std::string_view name = "localhost";
  if (host.size() < name.size() || !boost::beast::iequals(host.substr(host.size() - name.size()), name)) return false;
  return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

}  // namespace

void look_up(asio::execution_context& context, std::string host, resolve_done done) {
  if (is_this_machine(host)) {
    const std::vector<asio::ip::address> both = {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
    return done(error_code(), both);
  }
  asio::use_service<lookup_service>(context).start(std::move(host), std::move(done));
}

}  // namespace mistral::workflows::net
