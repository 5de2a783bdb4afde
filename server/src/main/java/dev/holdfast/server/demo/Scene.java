package dev.holdfast.server.demo;

/** One behaviour, shown on a real cluster and checked. */
interface Scene {

    /** The behaviour, in a line. */
    String title();

    /**
     * Plays it.
     *
     * @return what was checked, in a line
     * @throws SceneFailedException if the cluster behaves otherwise
     */
    String play(Stage stage) throws InterruptedException;
}
