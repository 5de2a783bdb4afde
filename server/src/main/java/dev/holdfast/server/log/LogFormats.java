package dev.holdfast.server.log;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.holdfast.server.config.LogFormat;
import org.slf4j.LoggerFactory;

/** Changes how lines of the log look from now on. */
public final class LogFormats {
    /** The appender in {@code holdfast-logback.xml}. */
    private static final String APPENDER = "stderr";

    /** Leaves a configuration alone that the user has brought. */
    public static void use(LogFormat format) {
        if (format == LogFormat.JSON
                && LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender(APPENDER)
                        instanceof ConsoleAppender<ILoggingEvent> appender) {
            JsonEncoder json = new JsonEncoder();
            json.setContext(context);
            json.setWithSequenceNumber(false);
            json.setWithNanoseconds(false);
            json.setWithContext(false);
            json.setWithFormattedMessage(true);
            json.start();
            appender.stop();
            appender.setEncoder(json);
            appender.start();
        }
    }

    private LogFormats() {}
}
