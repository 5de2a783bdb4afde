package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Somebody who holds locks over HTTP, at one peer. */
final class HttpCaller {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final HoldfastHttp http;
    private final @Nullable String token;
    private final HttpClient client;

    HttpCaller(HoldfastHttp http, @Nullable String token) {
        this(http, token, CLIENT);
    }

    HttpCaller(HoldfastHttp http, @Nullable String token, HttpClient client) {
        this.http = http;
        this.token = token;
        this.client = client;
    }

    /** The same one, at another peer. */
    HttpCaller at(HoldfastHttp other) {
        return new HttpCaller(other, token, client);
    }

    record Reply(int status, JsonObject json, HttpResponse<String> response) {
        static Reply of(HttpResponse<String> response) {
            return new Reply(
                    response.statusCode(),
                    JsonParser.parseString(response.body()).getAsJsonObject(),
                    response);
        }

        Reply as(int expected) {
            assertThat(status).as(json.toString()).isEqualTo(expected);
            return this;
        }

        String text(String name) {
            return json.get(name).getAsString();
        }

        long number(String name) {
            return json.get(name).getAsLong();
        }
    }

    HttpRequest.Builder to(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(http.url()).resolve(path)).timeout(PATIENCE);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private HttpRequest posting(String path, String body) {
        return to(path).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    Reply post(String path, String body) throws IOException, InterruptedException {
        return Reply.of(client.send(posting(path, body), BodyHandlers.ofString()));
    }

    CompletableFuture<Reply> posted(String path, String body) {
        return client.sendAsync(posting(path, body), BodyHandlers.ofString()).thenApply(Reply::of);
    }

    Reply get(String path) throws IOException, InterruptedException {
        return Reply.of(client.send(to(path).build(), BodyHandlers.ofString()));
    }

    Events events(String session, @Nullable String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request = to("/v1/sessions/events?session=" + session);
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return new Events(client.send(request.build(), BodyHandlers.ofLines()));
    }

    String open(long leaseMs) throws IOException, InterruptedException {
        Reply opened = post("/v1/sessions", "{\"leaseMs\":" + leaseMs + ",\"name\":\"test\"}")
                .as(200);
        assertThat(opened.number("leaseLeftMs")).isPositive().isLessThan(leaseMs);
        return opened.text("session");
    }

    /** The body of a request about a mutex. */
    static String mutex(String session, long sequence, String key, String more) {
        return "{\"session\":\"" + session + "\",\"sequence\":" + sequence + ",\"kind\":\"mutex\",\"key\":\"" + key
                + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    Reply acquire(String session, long sequence, String key, String more) throws IOException, InterruptedException {
        return post("/v1/lockable/acquire", mutex(session, sequence, key, more));
    }

    CompletableFuture<Reply> acquiring(String session, long sequence, String key, String more) {
        return posted("/v1/lockable/acquire", mutex(session, sequence, key, more));
    }

    Reply release(String session, long sequence, String key, long fencingToken)
            throws IOException, InterruptedException {
        return post("/v1/lockable/release", mutex(session, sequence, key, "\"token\":" + fencingToken));
    }

    Reply heartbeat(String session) throws IOException, InterruptedException {
        return post("/v1/sessions/heartbeat", "{\"session\":\"" + session + "\"}");
    }

    Reply close(String session) throws IOException, InterruptedException {
        return post("/v1/sessions/close", "{\"session\":\"" + session + "\"}");
    }

    long waiters(String key) throws IOException, InterruptedException {
        return get("/v1/lockable?kind=mutex&key=" + key).as(200).number("waiterCount");
    }
}
