package dev.holdfast.server.credentials;

import dev.holdfast.certs.Validity;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that makes files. Reports a failure in one line, and by its exit code. */
abstract class MakingCommand implements Callable<Integer> {
    private static final int DAYS_MAX = 36_500;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** @throws IllegalArgumentException if what was given is malformed */
    abstract void make() throws IOException;

    /** What to do if what it would make is there. */
    abstract String ifItExists();

    @Override
    public final Integer call() {
        try {
            make();
            return ExitCode.DONE;
        } catch (FileAlreadyExistsException e) {
            complain(e.getFile() + " exists, and may be in use. " + ifItExists());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            complain(Messages.of(e));
        }
        return ExitCode.UNUSABLE;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private void complain(String what) {
        err().println("holdfast: " + what);
    }

    static Validity validity(int days) {
        return Validity.ofDays(checked(days));
    }

    static int checked(int days) {
        if (days < 1 || days > DAYS_MAX) {
            throw new IllegalArgumentException("--days is " + days + "; allowed: 1 to " + DAYS_MAX);
        }
        return days;
    }

    /** A day is enough for people. */
    static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }
}
