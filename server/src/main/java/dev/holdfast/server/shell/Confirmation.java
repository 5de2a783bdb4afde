package dev.holdfast.server.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/** What a person answers who is asked whether something is to be done. */
enum Confirmation {
    YES,
    NO,
    /** Standard input has ended. */
    NOBODY;

    /** Asks, and blocks until there is a line of standard input, or its end. */
    static Confirmation ask(PrintWriter err, String question) throws IOException {
        err.print(question + " [y/N] ");
        err.flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
        if (answer == null) {
            err.println();
            return NOBODY;
        }
        return answer.strip().equalsIgnoreCase("y") ? YES : NO;
    }
}
