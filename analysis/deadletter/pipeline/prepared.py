"""What a fork server imports first: in it, too, nothing is loaded before the environment is prepared."""

from deadletter.environment import prepare

prepare()
