// Names to look up that hang as long as a test wants, and who is answered.
// No resolver of a pool's options: these are asked on the threads of look-ups.
#pragma once

#include "net/common/gate.hpp"
#include "net/connect/lookup.hpp"
#include "net/support.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace test {

using addresses = std::vector<asio::ip::address>;

/// A name service under which every name is loopback, but
/// those that begin with "hangs" not before they are let go.
class name_service {
 public:
  std::atomic<int> asked{0};
  std::atomic<int> hanging{0};
  const std::shared_ptr<net::gate> hangs = std::make_shared<net::gate>();  // open once a name does

  void let_go(int names = 1) { gone_.release(names); }
  void wait_until_hanging(int names) {
    for (int now = hanging; now != names; now = hanging) hanging.wait(now);
  }

  net::lookup_means means() {
    net::lookup_means out;
    out.ask = [this](const std::string& host, addresses& found) {
      ++asked;
      if (host.starts_with("hangs")) {
        change(1);
        hangs->open();
        gone_.acquire();
        change(-1);
      }
      found.push_back(asio::ip::make_address("127.0.0.1"));
      return boost::system::error_code();
    };
    return out;
  }

 private:
  std::counting_semaphore<> gone_{0};

  void change(int by) {
    hanging += by;
    hanging.notify_all();
  }
};

/// What look-ups were answered with, in order.
class answers {
 public:
  net::resolve_done take() {
    return [this](boost::system::error_code, const addresses&) { came_.release(); };
  }
  void wait() { came_.acquire(); }
  bool came() { return came_.try_acquire(); }

 private:
  std::counting_semaphore<> came_{0};
};

/// No thread can be started while `refused`.
inline net::lookup_means without_threads(std::atomic<bool>& refused) {
  net::lookup_means out;
  out.ask = [](const std::string&, addresses& found) {
    found.push_back(asio::ip::make_address("127.0.0.1"));
    return boost::system::error_code();
  };
  out.start_thread = [&refused](std::function<void()> work) {
    if (refused) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(std::move(work));
  };
  return out;
}

}  // namespace test
