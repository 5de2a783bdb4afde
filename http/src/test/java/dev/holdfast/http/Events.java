package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Server-sent events, as they arrive. */
final class Events implements AutoCloseable {
    private static final Event END = new Event("", "end of the stream", new JsonObject());

    private final Stream<String> lines;
    private final BlockingQueue<Event> arrived = new LinkedBlockingQueue<>();

    /** @param id as it was when the event came */
    record Event(String id, String name, JsonObject data) {}

    Events(HttpResponse<Stream<String>> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
        this.lines = response.body();
        Thread reader = new Thread(this::read, "reads-events");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        String id = "";
        String name = "";
        JsonObject data = new JsonObject();
        try {
            for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                String line = each.next();
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = JsonParser.parseString(line.substring(6)).getAsJsonObject();
                } else if (line.isEmpty() && !name.isEmpty()) {
                    arrived.add(new Event(id, name, data));
                    name = "";
                }
            }
        } catch (RuntimeException e) {
            // It was closed, or cut off.
        } finally {
            arrived.add(END);
        }
    }

    /** The next one, which has to have that name. */
    Event next(String name) throws InterruptedException {
        Event event = arrived.poll(HttpCaller.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        assertThat(event.name).isEqualTo(name);
        return event;
    }

    void end() throws InterruptedException {
        assertThat(arrived.poll(HttpCaller.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isSameAs(END);
    }

    @Override
    public void close() {
        lines.close();
    }
}
