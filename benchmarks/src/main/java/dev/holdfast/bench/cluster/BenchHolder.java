package dev.holdfast.bench.cluster;

import dev.holdfast.bench.load.Holds;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A thin client as a process: takes locks at each line {@code take FROM TO} on its standard input, keeps them, answers with
 * how many it took per second, and ends with its standard input.
 */
public final class BenchHolder {

    /** Arguments: the peers' client addresses, and the session lease in milliseconds. */
    public static void main(String[] args) throws IOException, InterruptedException {
        ClientOptions options = Holds.PATIENT.sessionLease(Duration.ofMillis(Long.parseLong(args[1])));
        try (HoldfastClient client = Holdfast.connect(args[0], options)) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", 3);
                System.out.println(Holds.take(client, Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            }
        }
    }

    private BenchHolder() {}
}
