package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import org.eclipse.jetty.http.HttpStatus;

/** What a request is answered with. */
record Reply(int status, JsonElement json) {
    static Reply ok(JsonElement json) {
        return new Reply(HttpStatus.OK_200, json);
    }
}
