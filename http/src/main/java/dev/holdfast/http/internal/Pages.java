package dev.holdfast.http.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;

/** The page for people, and the description for programs of what else there is. Their files are in the jar. */
final class Pages {
    /** Where it is. */
    static final String PATH = "/ui";

    /** What is under {@code /v1/}, by OpenAPI. */
    static final String CONTRACT = "/openapi.yaml";

    /** The same, as people read it. */
    static final String CONTRACT_PAGE = "/openapi";

    private static final String FOLDER = "/page/";
    private static final String INDEX = "index.html";
    private static final List<String> FILES =
            List.of(INDEX, "page.css", "page.js", "api.js", "dom.js", "plot.js", "waits.js");

    /** It may load what is here, and ask this server; nothing in it may come from elsewhere, or be put into another page. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                    + " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

    private final Map<String, Answer> byPath = new HashMap<>();

    Pages() {
        for (String file : FILES) {
            byPath.put(file.equals(INDEX) ? PATH : FOLDER + file, answer(FOLDER + file));
        }
        byPath.put(CONTRACT, answer(CONTRACT));
        byPath.put(CONTRACT_PAGE, answer(FOLDER + "contract.html"));
    }

    private static Answer answer(String file) {
        try (InputStream in = Pages.class.getResourceAsStream("/dev/holdfast/http" + file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the jar");
            }
            return new Answer(HttpStatus.OK_200, type(file), ByteBuffer.wrap(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String type(String file) {
        String ending = file.substring(file.lastIndexOf('.') + 1);
        return switch (ending) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "yaml" -> "application/yaml";
            default -> "text/javascript; charset=utf-8";
        };
    }

    /** What is at that path; {@code null} if nothing of the page is. */
    @Nullable
    Answer at(String path, Response response) {
        Answer answer = byPath.get(path);
        if (answer != null) {
            response.getHeaders().put("Content-Security-Policy", POLICY);
            response.getHeaders().put("Referrer-Policy", "no-referrer");
        }
        return answer;
    }
}
