/**
 * Functions that do not compile here (put before every translation unit by the build): each has a
 * safer kin.
 */
#ifndef FRAMECAST_BANNED_H
#define FRAMECAST_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison atoi atol atoll atof strtok localtime gmtime ctime asctime system popen
#pragma GCC poison rand srand

#endif
