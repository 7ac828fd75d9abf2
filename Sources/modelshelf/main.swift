internal import Glibc
internal import ShelfCLI

exit(Program.main())
