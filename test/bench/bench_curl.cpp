// libcurl's event-driven interface (multi_socket, with epoll)
// under the same load as bench_calls; decodes nothing.
// `--path P --discard yes`: another resource, of which the bytes are only counted.
// One easy handle for each request in flight, used again
// and again, so that connections and TLS sessions stay.
#include "measure.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct transfer {
  transfer() = default;
  CURL* easy = nullptr;
  bench::clock::time_point began;
  std::string body;
  bool discard = false;  // count the bytes only
  std::uint64_t bytes = 0;
};

std::size_t take(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto* const mine = static_cast<transfer*>(into);
  if (!mine->discard) mine->body.append(bytes, size * count);
  mine->bytes += size * count;
  return size * count;
}

// Sockets and the one timer that libcurl asks for; that is epoll_wait's
// limit, as a timer of the system costs two calls a request.
class reactor {
 public:
  reactor() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~reactor() { close(epoll_); }
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    static_cast<reactor*>(self)->watch(socket, what, known != nullptr);
    return 0;
  }

  void watch(curl_socket_t socket, int what, bool known) {
    if (what == CURL_POLL_REMOVE) {
      epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
      curl_multi_assign(multi, socket, nullptr);
      return;
    }
    epoll_event event{};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    event.data.fd = socket;
    epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    if (!known) curl_multi_assign(multi, socket, this);
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    auto& due = static_cast<reactor*>(self)->due_;
    due = milliseconds < 0 ? never : bench::clock::now() + std::chrono::milliseconds(milliseconds);
    return 0;
  }

  void turn(int& running) {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, wait_limit());
    for (int i = 0; i < count; ++i) {
      const int ready = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                        (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                        (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi, events[i].data.fd, ready, &running);
    }
    if (due_ > bench::clock::now()) return;
    due_ = never;
    curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }

  CURLM* multi = nullptr;

 private:
  static constexpr bench::clock::time_point never = bench::clock::time_point::max();
  int epoll_;
  bench::clock::time_point due_ = never;

  int wait_limit() const {
    if (due_ == never) return 1000;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_ - bench::clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000));
  }
};

void prepare(transfer& t, const std::string& url, const std::string& ca_file, curl_slist* headers) {
  t.easy = curl_easy_init();
  curl_easy_setopt(t.easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(t.easy, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(t.easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(t.easy, CURLOPT_PROXY, "");
  curl_easy_setopt(t.easy, CURLOPT_TIMEOUT_MS, 60'000L);
  curl_easy_setopt(t.easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t.easy, CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(t.easy, CURLOPT_WRITEDATA, &t);
  curl_easy_setopt(t.easy, CURLOPT_PRIVATE, &t);
}

void begin(CURLM* multi, transfer& t) {
  t.body.clear();
  t.began = bench::clock::now();
  curl_multi_add_handle(multi, t.easy);
}

void finish(CURLM* multi, bench::load& requests, int& open) {
  int left = 0;
  while (CURLMsg* const message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode result = message->data.result;  // the message goes with the handle
    transfer* t = nullptr;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (result != CURLE_OK || status != 200) throw std::runtime_error(curl_easy_strerror(result));
    requests.add(t->began);
    curl_multi_remove_handle(multi, easy);
    if (requests.more())
      begin(multi, *t);
    else
      --open;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string url =
      "https://localhost:" + bench::option(argc, argv, "port", "8443") +
      bench::option(argc, argv, "path", "/v1/workflows/executions/0192f0c4-7a5e-7c3b-9d1f-000000000011");
  const std::string ca_file = bench::option(argc, argv, "ca", "");
  const int in_flight = std::stoi(bench::option(argc, argv, "in-flight", "64"));
  try {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    reactor io;
    io.multi = curl_multi_init();
    curl_multi_setopt(io.multi, CURLMOPT_SOCKETFUNCTION, &reactor::on_socket);
    curl_multi_setopt(io.multi, CURLMOPT_SOCKETDATA, &io);
    curl_multi_setopt(io.multi, CURLMOPT_TIMERFUNCTION, &reactor::on_timer);
    curl_multi_setopt(io.multi, CURLMOPT_TIMERDATA, &io);
    curl_multi_setopt(io.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight));
    curl_slist* const headers = curl_slist_append(nullptr, "Authorization: Bearer benchmark");

    bench::load requests(std::chrono::duration<double>(std::stod(bench::option(argc, argv, "seconds", "2"))));
    std::vector<transfer> transfers(static_cast<std::size_t>(in_flight));
    int open = in_flight, running = 0;
    for (transfer& t : transfers) {
      t.discard = bench::option(argc, argv, "discard", "no") == "yes";
      prepare(t, url, ca_file, headers);
      begin(io.multi, t);
    }
    curl_multi_socket_action(io.multi, CURL_SOCKET_TIMEOUT, 0, &running);
    while (open > 0) {
      finish(io.multi, requests, open);
      if (open > 0) io.turn(running);
    }
    boost::json::object report = requests.report();
    std::uint64_t bytes = 0;
    for (const transfer& t : transfers) bytes += t.bytes;
    report["bytes"] = bytes;
    bench::print(report);
    for (const transfer& t : transfers) curl_easy_cleanup(t.easy);
    curl_multi_cleanup(io.multi);
    curl_slist_free_all(headers);
  } catch (const std::exception& e) {
    std::cerr << "bench_curl: " << e.what() << '\n';
    return 1;
  }
}
