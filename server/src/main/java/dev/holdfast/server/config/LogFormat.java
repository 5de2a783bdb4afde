package dev.holdfast.server.config;

/** How lines of the log look. */
public enum LogFormat {
    /** For people. */
    TEXT,
    /** A JSON object each. */
    JSON
}
