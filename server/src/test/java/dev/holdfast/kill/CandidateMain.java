package dev.holdfast.kill;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.election.Election;
import dev.holdfast.client.election.Leader;
import dev.holdfast.client.election.Term;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A process that stands for election. Arguments: the cluster's servers, and its name. Lines in: {@code leads?}, {@code who?}. Lines out:
 * {@code LEADS token}, with 0 if it does not, and {@code WHO name}. It ends with its standard input, and resigns then.
 */
public final class CandidateMain {
    static final Duration SESSION_LEASE = Duration.ofSeconds(4);
    static final Lockable OFFICE = Holdfast.createLockable("office").of();

    public static void main(String[] args) throws Exception {
        try (HoldfastClient client = Holdfast.connect(
                        args[0], ClientOptions.defaults().name(args[1]).sessionLease(SESSION_LEASE));
                Election election = client.createElection(OFFICE)) {
            election.stand();
            System.out.println("UP");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                switch (line) {
                    case "leads?" ->
                        System.out.println(
                                "LEADS " + election.term().map(Term::token).orElse(0L));
                    case "who?" ->
                        System.out.println(
                                "WHO " + election.leader().map(Leader::name).orElse("nobody"));
                    default -> System.out.println("? " + line);
                }
            }
        }
    }

    private CandidateMain() {}
}
