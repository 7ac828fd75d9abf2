import Glibc

func exitWithUsage() -> Never { exit(2) }
