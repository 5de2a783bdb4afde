package dev.holdfast.server.config;

import java.util.List;

/** A configuration that cannot be used. The message has one line for each problem. */
public final class InvalidConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidConfigException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
