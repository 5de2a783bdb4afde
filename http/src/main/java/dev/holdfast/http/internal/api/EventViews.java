package dev.holdfast.http.internal.api;

import com.google.gson.JsonObject;
import dev.holdfast.protocol.Event;

/** Writes what a session is told as JSON. */
final class EventViews {
    /**
     * A kind of event, and what is said of it.
     *
     * @param name in the stream
     */
    record View(String name, JsonObject json) {}

    static View of(Event event) {
        if (event instanceof Event.WaitGranted granted) {
            JsonObject json = acquire(granted.acquireSequence());
            json.addProperty("token", granted.token());
            json.addProperty("count", granted.count());
            json.addProperty("reacquired", granted.reacquired());
            return new View("granted", json);
        }
        if (event instanceof Event.WaitEnded ended) {
            JsonObject json = acquire(ended.acquireSequence());
            json.addProperty("reason", Views.word(ended.reason()));
            return new View("wait-ended", json);
        }
        if (event instanceof Event.HoldLost lost) {
            return new View("lost", lost(lost));
        }
        if (event instanceof Event.ReleaseRequested request) {
            JsonObject json = Views.name(request.lockable());
            json.add("owner", Views.owner(request.owner()));
            json.addProperty("token", request.token());
            return new View("release-requested", json);
        }
        // Of acquires that cannot be made over HTTP.
        return new View("other", new JsonObject());
    }

    private static JsonObject acquire(long sequence) {
        JsonObject json = new JsonObject();
        json.addProperty("sequence", sequence);
        return json;
    }

    static JsonObject lost(Event.HoldLost lost) {
        JsonObject json = Views.name(lost.lockable());
        json.add("owner", Views.owner(lost.owner()));
        json.addProperty("token", lost.token());
        json.addProperty("reason", Views.word(lost.reason()));
        return json;
    }

    private EventViews() {}
}
