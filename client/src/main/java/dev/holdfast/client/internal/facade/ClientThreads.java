package dev.holdfast.client.internal.facade;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.internal.serial.Callbacks;
import dev.holdfast.client.internal.serial.SerialExecutor;
import dev.holdfast.client.internal.serial.UsersExecutor;
import dev.holdfast.client.internal.threads.ElasticThreads;
import dev.holdfast.client.internal.threads.OwnThread;
import dev.holdfast.client.time.Timers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one client, shared by its groups. Those on which the engine runs never run the code of users; those that
 * run it, or bring it to the users' executor, never run the engine.
 */
final class ClientThreads {
    /** How many callbacks of the same kind may be running on the client's own threads; {@link ClientOptions} tells users. */
    static final int USUAL_MAX = 64;

    static final int RESERVED_MAX = 16;

    static final int ELECTIONS_MAX = 256;

    private final List<ElasticThreads> own = new ArrayList<>();
    private final Timers timers;
    private final SerialExecutor.Helper helper;
    private final Callbacks callbacks;

    ClientThreads(ClientOptions options, Timers timers) {
        this.timers = timers;
        Executor given = timers.threads();
        Executor users = options.callbackExecutor();
        if (given == null) {
            helper = threads("holdfast-engine", Runtime.getRuntime().availableProcessors())::tryExecute;
            callbacks = new Callbacks(
                    lane(users, threads("holdfast-callback", USUAL_MAX)),
                    lane(users, threads("holdfast-session", RESERVED_MAX)),
                    lane(users, threads("holdfast-loss", RESERVED_MAX)),
                    lane(users, threads("holdfast-signal", RESERVED_MAX)),
                    threads("holdfast-election", ELECTIONS_MAX),
                    threads("holdfast-alarm", RESERVED_MAX));
        } else {
            helper = work -> {
                given.execute(work);
                return true;
            };
            callbacks = new Callbacks(
                    lane(users, given), lane(users, given), lane(users, given), lane(users, given), given, given);
        }
    }

    private ElasticThreads threads(String name, int most) {
        ElasticThreads threads = new ElasticThreads(name, most, OwnThread::create, timers::schedule);
        own.add(threads);
        return threads;
    }

    private static Executor lane(@Nullable Executor users, Executor threads) {
        return users == null ? threads : new UsersExecutor(users, threads);
    }

    SerialExecutor.Helper helper() {
        return helper;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    /** They end when they have nothing to do. What still comes is done nevertheless. */
    void close() {
        own.forEach(ElasticThreads::close);
    }
}
