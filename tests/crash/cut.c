/*
 * Cuts the power of the file system that a directory is in: from now on it
 * refuses everything, and when it is mounted again only what was durable is
 * there.
 *
 *	cut DIRECTORY
 *
 * The exit status is 0, or 1 if the file system or the system cannot do that.
 */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* As ext4, XFS and F2FS know it; no header of the system's has it. */
#define SHUTDOWN _IOR('X', 125, uint32_t)
#define WITHOUT_FLUSHING_THE_LOG 2

int
main(int argc, char **argv)
{
	uint32_t how = WITHOUT_FLUSHING_THE_LOG;
	int fd;

	if (argc != 2) {
		fputs("usage: cut DIRECTORY\n", stderr);
		return 1;
	}
	fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, SHUTDOWN, &how) != 0) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}
